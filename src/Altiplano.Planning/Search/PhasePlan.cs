using Altiplano.Planning.Costs;
using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>The best layouts of one phase of a run, and how they were found.</summary>
public sealed record PhasePlan
{
    public required PlanPhase Phase { get; init; }

    /// <summary>Best first; never empty.</summary>
    public required IReadOnlyList<Candidate> Best { get; init; }

    public required SearchCounts Counts { get; init; }

    /// <summary>True where the mesh is not that of the phase with most tokens.</summary>
    public bool IsReplanned { get; init; }

    /// <summary>Memory of a rank of each pipeline stage of the winner, first to last.</summary>
    public required IReadOnlyList<MemoryUse> MemoryByStage { get; init; }

    /// <summary>What is done on failures, how often a checkpoint is made, and the spares; null where failures are not counted.</summary>
    public RecoveryChoice? Recovery { get; init; }

    public Candidate Winner => Best[0];

    /// <summary>GPUs times hours, failures counted, spares not.</summary>
    public double GpuHours => Winner.Run.GpuHours;

    /// <summary>Tokens of a step of the winner.</summary>
    public double TokensPerStep => (double)Winner.GlobalBatchSequences * Phase.SeqLen;

    public double TokensPerSecond => TokensPerStep / Winner.Step.Time.Total;
}
