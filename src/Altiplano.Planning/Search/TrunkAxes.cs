using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>What is left to choose once a trunk is: every list is complete, and their product is the trunk's layouts.</summary>
internal sealed record TrunkAxes
{
    public required Trunk Trunk { get; init; }

    /// <summary>Microbatches of a rank, fewest and most, that make a batch of the range.</summary>
    public required (long Fewest, long Most) MicroBatches { get; init; }

    public required (PipelineScheduleKind Kind, int VirtualStages)[] Schedules { get; init; }
    public required bool[] SequenceParallel { get; init; }
    public required Recompute[] Recompute { get; init; }
    public required ContextParallelMethod[] CpMethods { get; init; }

    /// <summary>Degrees of expert parallelism, each with the ways to share that leave room for it; the one that shards most comes first.</summary>
    public required (int Ep, Sharding[] Shardings)[] Experts { get; init; }

    /// <summary>Layouts of one number of microbatches.</summary>
    public long LayoutsOfBatch =>
        (long)Schedules.Length * SequenceParallel.Length * Recompute.Length * CpMethods.Length * Experts.Sum(e => (long)e.Shardings.Length);

    public long Layouts => LayoutsOfBatch * (MicroBatches.Most - MicroBatches.Fewest + 1);
}
