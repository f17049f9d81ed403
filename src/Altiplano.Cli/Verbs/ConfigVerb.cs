using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary><c>config show RUN.yaml</c> and <c>config keys</c>.</summary>
internal static class ConfigVerb
{
    public static Command Create() => new("config", "Checks run files and lists their keys.") { Show(), Keys() };

    private static Command Show()
    {
        var runFile = new RunFileArguments();
        var planned = new Option<bool>("--plan") { Description = "Takes the file as plan does: for other machines, with choices left open." };
        var command = new Command("show", "Checks a run file and prints it with every choice made, as train would save it.") { planned };
        runFile.AddTo(command);
        command.SetAction(arguments =>
        {
            var config = arguments.GetValue(planned)
                ? runFile.ReadPlanned(arguments)
                : Trained(runFile.Read(arguments));
            arguments.InvocationConfiguration.Output.Write(new RunFile(PresetFolder.Shipped()).Write(config));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <exception cref="ConfigException">What train would refuse.</exception>
    private static RunConfig Trained(RunConfig config)
    {
        var decided = config.Decided(Environment.ProcessorCount);
        ConfigException.ThrowIfAny(decided.Spec.FindLayoutProblems());
        return decided;
    }

    private static Command Keys()
    {
        var cluster = new Option<bool>("--cluster") { Description = "Prints the keys of a cluster file instead." };
        var command = new Command("keys", "Prints every key of a run file, with defaults, as Markdown.") { cluster };
        command.SetAction(arguments =>
        {
            var presets = PresetFolder.Shipped();
            arguments.InvocationConfiguration.Output.Write(arguments.GetValue(cluster)
                ? ClusterFileReference.ToMarkdown(new HardwareCatalog(presets), new MachineCatalog(presets))
                : RunFileReference.ToMarkdown(new RunFile(presets).Describe()));
            return ExitCodes.Done;
        });
        return command;
    }
}
