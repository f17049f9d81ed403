using Altiplano.Training.Tracing;

namespace Altiplano.Cli.DryRuns;

/// <summary>One rank's step, traced.</summary>
/// <param name="Step">Steps done before it.</param>
internal sealed record DryRun(DryRunQuestion Question, int Rank, long Step, StepTrace Trace, StepMemory Memory)
{
    /// <exception cref="ConfigException">There is no such rank.</exception>
    public static DryRun Of(DryRunQuestion question, int rank, long step)
    {
        var world = question.Setting.Layout.World;
        if (rank >= world)
            throw new ConfigException($"--rank is {rank}, but the run has {world} ranks ({question.Setting.Layout.Mesh}). Use 0 to {world - 1}.");
        var trace = ShapeStep.Run(question.Setting, rank);
        return new DryRun(question, rank, step, trace, StepMemory.Of(trace));
    }

    /// <summary>Index of the action that an event belongs to; null where it lies outside of all.</summary>
    public int? ActionAt(int place)
    {
        for (var i = 0; i < Trace.Actions.Count; i++)
        {
            if (place >= Trace.Actions[i].Place && place < Trace.Actions[i].EndPlace)
                return i;
        }

        return null;
    }
}
