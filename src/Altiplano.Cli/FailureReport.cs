using Altiplano.Data;
using Altiplano.Distributed;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Ranks;

namespace Altiplano.Cli;

/// <summary>Says on stderr why the program stops.</summary>
internal static class FailureReport
{
    /// <summary>Set to 1, it makes every failure print where in the code it happened.</summary>
    public const string TraceVariable = "ALTIPLANO_TRACE";

    /// <returns>The exit status that belongs to the failure.</returns>
    public static int Write(Exception failure, TextWriter error)
    {
        if (failure is ConfigException config)
            WriteProblems(config, error);
        else
            error.WriteLine(IsExplained(failure) ? $"error: {failure.Message}" : $"error: {failure.GetType().Name}: {failure.Message}");
        if (Environment.GetEnvironmentVariable(TraceVariable) == "1")
            error.WriteLine(failure);
        else if (!IsExplained(failure))
            error.WriteLine($"This is a fault of altiplano's own. Set {TraceVariable}=1 to see where it happened, and report it.");
        return failure is ConfigException ? ExitCodes.Usage : ExitCodes.Failed;
    }

    /// <summary>True for failures whose message alone tells what to do.</summary>
    private static bool IsExplained(Exception failure) => failure is ConfigException or DataFormatException or CheckpointException
        or ShapeException or LibraryException or TrainingDivergedException or RunBrokenOffException or CollectiveException
        or CommunicationLibraryException or OperationCanceledException or IOException or UnauthorizedAccessException;

    private static void WriteProblems(ConfigException config, TextWriter error)
    {
        foreach (var problem in config.Problems)
            error.WriteLine($"error: {problem}");
        if (config.Problems.Count > 1)
            error.WriteLine($"{config.Problems.Count} problems; nothing was started.");
    }
}
