using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary>The run file and its overrides, as every verb that reads one takes them.</summary>
internal sealed class RunFileArguments
{
    public Argument<string> File { get; } = new("RUN.yaml") { Description = "The run file; docs/run-file.md lists its keys." };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Replaces a value of the run file: --set batch.seq_len=4096. May be given several times.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command)
    {
        command.Add(File);
        command.Add(Set);
    }

    /// <exception cref="ConfigException">The run file has problems.</exception>
    public RunConfig Read(ParseResult arguments) =>
        new RunFile(PresetFolder.Shipped()).Read(arguments.GetRequiredValue(File), arguments.GetRequiredValue(Set));

    /// <summary>Reads the file as something to plan: for machines that are not here, with choices left open.</summary>
    /// <exception cref="ConfigException">The run file has problems.</exception>
    public RunConfig ReadPlanned(ParseResult arguments) =>
        new RunFile(PresetFolder.Shipped()).ReadPlanned(arguments.GetRequiredValue(File), arguments.GetRequiredValue(Set));
}
