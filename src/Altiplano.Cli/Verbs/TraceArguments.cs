using System.CommandLine;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Verbs;

/// <summary>The options of <c>train</c> that ask for a timeline.</summary>
internal sealed class TraceArguments
{
    private readonly Option<string?> _file = new("--trace")
    {
        Description = "Writes a timeline of some steps of all ranks for ui.perfetto.dev: compute, each communication axis, the pipeline.",
        HelpName = "FILE",
    };

    private readonly Option<string> _steps = new("--trace-steps")
    {
        Description = "The first and the last step of the timeline, counted from 1.", HelpName = "A..B",
        DefaultValueFactory = _ => TraceRequest.UsualSteps,
    };

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_steps);
    }

    /// <returns>Null where nothing is to be traced.</returns>
    /// <exception cref="ConfigException">The steps cannot be read, or the file cannot be written.</exception>
    public TraceRequest? Read(ParseResult arguments)
    {
        if (arguments.GetValue(_file) is not { } file)
        {
            return arguments.GetResult(_steps) is { Implicit: false }
                ? throw new ConfigException($"{_steps.Name} is given, but no file for the timeline. Add {_file.Name} FILE.")
                : null;
        }

        OutputFile.Check(_file.Name, file);
        return TraceRequest.Parse(Path.GetFullPath(file), arguments.GetRequiredValue(_steps));
    }
}
