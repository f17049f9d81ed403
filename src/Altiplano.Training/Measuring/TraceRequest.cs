using Altiplano.Planning;

namespace Altiplano.Training.Measuring;

/// <summary>Which steps are traced, and into which file.</summary>
/// <param name="File">The timeline of all ranks.</param>
/// <param name="First">Optimizer steps, counted from 1.</param>
public sealed record TraceRequest(string File, long First, long Last)
{
    /// <summary>Steps that show how a run goes on, not how it starts.</summary>
    public const string UsualSteps = "3..4";

    /// <summary>Reads <c>A..B</c>, or one step.</summary>
    /// <exception cref="ConfigException">The text is neither.</exception>
    public static TraceRequest Parse(string file, string steps)
    {
        var parts = steps.Split("..");
        var isRead = long.TryParse(parts[0], out var first) & long.TryParse(parts[^1], out var last);
        return isRead && parts.Length <= 2 && first >= 1 && last >= first
            ? new TraceRequest(file, first, last)
            : throw new ConfigException(
                $"--trace-steps is {steps}, but it names the first and the last step to trace, counted from 1. Use a form such as {UsualSteps}.");
    }

    /// <summary>Why a run has no such steps; nothing where it has.</summary>
    /// <param name="steps">Optimizer steps of the whole run.</param>
    public IReadOnlyList<string> FindProblemsIn(long steps) => First <= steps
        ? []
        : [$"--trace-steps is {First}..{Last}, but the run has {steps} steps. Use {steps} or fewer."];

    public bool Holds(long step) => step >= First && step <= Last;
}
