using Altiplano.Training.Loop;
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

    /// <summary>What the rank is and has before its first step.</summary>
    public RankStart Start { get; } = RankStart.Of(Question.Setting, Rank);

    /// <summary>First sample and number of samples of each microbatch.</summary>
    public IReadOnlyList<(long First, int Count)> Samples { get; } = Question.Setting.SamplesOf(Step, Rank);

    /// <summary>The step beside its closed form; null where there is none.</summary>
    public IReadOnlyList<ComparedFigure>? Comparison { get; } = Question.Setting.HasClosedForm
        ? ClosedFormComparison.Of(Question.Setting.ShapeOf(Rank), Trace, Memory)
        : null;

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
