using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>What is left to choose once a trunk is: every list is complete, and their product is the trunk's layouts.</summary>
internal sealed record TrunkAxes
{
    public required Trunk Trunk { get; init; }

    /// <summary>Microbatches of a rank, fewest and most, that make a batch of the range.</summary>
    public required (long Fewest, long Most) MicroBatches { get; init; }

    public required (PipelineScheduleKind Kind, int VirtualStages)[] Schedules { get; init; }
    /// <summary>
    /// Every choice of sequence parallelism, recompute, context-parallel method and expert parallelism, with parameters whole
    /// (ZeRO 0), sharded (ZeRO 3), or gathered once a step by FSDP (ZeRO 2); other axes are left at 1.
    /// </summary>
    public required Layout[] Variants { get; init; }

    /// <summary>For each variant, the ways to share among data-parallel ranks that leave room for it; the one that shards most comes first.</summary>
    public required Sharding[][] Shardings { get; init; }

    /// <summary>Layouts of one number of microbatches.</summary>
    public long LayoutsOfBatch =>
        Schedules.Length * Shardings.Sum(s => (long)s.Length);

    public long Layouts => LayoutsOfBatch * (MicroBatches.Most - MicroBatches.Fewest + 1);
}
