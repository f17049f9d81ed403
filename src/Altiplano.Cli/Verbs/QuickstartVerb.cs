using System.CommandLine;
using Altiplano.Cli.Quickstart;

namespace Altiplano.Cli.Verbs;

/// <summary><c>quickstart</c>: the whole way in one command.</summary>
internal static class QuickstartVerb
{
    public static Command Create()
    {
        var data = new Option<string?>("--data")
        {
            Description = "Your own text: a file or folder, as `data prepare` takes them; the .NET API reference unless given.",
        };
        var tokens = new Option<long>("--tokens")
        {
            Description = "Training tokens.", DefaultValueFactory = _ => QuickstartRecipe.DefaultTokens,
        }.AtLeast(1, "counts the tokens of a run");
        var folder = new Option<string>("--out")
        {
            Description = "The run folder; a run that was interrupted goes on.", DefaultValueFactory = _ => "out/quickstart",
        };
        var command = new Command(
            "quickstart", "Trains a small Llama on text that is already here, shows what it learned, and exports it.")
        {
            data, tokens, folder,
        };
        command.SetAction((arguments, cancellation) =>
        {
            var files = new QuickstartFiles(Path.GetFullPath(arguments.GetRequiredValue(folder)));
            var recipe = new QuickstartRecipe(arguments.GetValue(tokens));
            var run = new QuickstartRun(files, recipe, arguments.GetValue(data), arguments.InvocationConfiguration.Output);
            return Task.FromResult(run.Run(cancellation));
        });
        return command;
    }
}
