using System.CommandLine;
using Altiplano.Cli.Quickstart;

namespace Altiplano.Cli.Verbs;

/// <summary><c>quickstart</c>: the whole way in one command.</summary>
internal static class QuickstartVerb
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Your own text: a file or folder, as `data prepare` takes them; the .NET API reference unless given." };
        var tokens = new Option<long>("--tokens") { Description = "Training tokens.", DefaultValueFactory = _ => QuickstartRecipe.DefaultTokens };
        var folder = new Option<string>("--out") { Description = "The run folder; a run that was interrupted goes on.", DefaultValueFactory = _ => "out/quickstart" };
        var command = new Command("quickstart", "Trains a small Llama on text that is already here, shows what it learned, and exports it.")
        {
            data, tokens, folder,
        };
        command.SetAction((arguments, cancellation) =>
        {
            if (arguments.GetValue(tokens) < 1)
                throw new ConfigException($"--tokens is {arguments.GetValue(tokens)}, but a run has at least one token.");
            var files = new QuickstartFiles(Path.GetFullPath(arguments.GetRequiredValue(folder)));
            var recipe = new QuickstartRecipe(arguments.GetValue(tokens));
            return Task.FromResult(new QuickstartRun(files, recipe, arguments.GetValue(data), arguments.InvocationConfiguration.Output).Run(cancellation));
        });
        return command;
    }
}
