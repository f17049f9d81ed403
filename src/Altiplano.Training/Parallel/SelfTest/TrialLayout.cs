using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>One way to spread the toy run over ranks.</summary>
/// <param name="Zero">What is sharded over dp_shard x cp, see <see cref="Sharding.ZeroStage"/>.</param>
/// <param name="VirtualStages">Chunks of the model on each pipeline rank.</param>
public sealed record TrialLayout(
    MeshShape Mesh, int Zero, PipelineScheduleKind Schedule = PipelineScheduleKind.OneForwardOneBackward, int VirtualStages = 1)
{
    /// <summary>How cp ranks see one another's keys and values.</summary>
    public ContextParallelMethod CpMethod { get; init; }

    /// <summary>Rows of norms and residuals split over tp.</summary>
    public bool HasSequenceParallel { get; init; } = true;

    private static readonly (PipelineScheduleKind Kind, int VirtualStages)[] Pipelines =
    [
        (PipelineScheduleKind.GPipe, 1), (PipelineScheduleKind.OneForwardOneBackward, 1),
        (PipelineScheduleKind.InterleavedOneForwardOneBackward, 2), (PipelineScheduleKind.ZeroBubble, 1),
    ];

    private static readonly TrialLayout[] WithWholeRows =
    [
        new(new MeshShape { Tp = 2 }, 0) { HasSequenceParallel = false },
        new(new MeshShape { Tp = 4 }, 0) { HasSequenceParallel = false },
        new(new MeshShape { DpShard = 2, Tp = 2 }, 3) { HasSequenceParallel = false },
        new(new MeshShape { Cp = 2, Tp = 2 }, 1) { HasSequenceParallel = false, CpMethod = ContextParallelMethod.Ring },
        new(new MeshShape { Pp = 2, DpReplicate = 2, Tp = 2 }, 0) { HasSequenceParallel = false },
    ];

    /// <summary>The run of one process, which all others are compared with.</summary>
    public static TrialLayout Serial { get; } = new(new MeshShape(), 0);

    /// <summary>
    /// Every layout of 2 to so many ranks with degrees that are powers of two: all stages of ZeRO where dp_shard or cp is above 1, all schedules
    /// where pp is. Where cp is, odd stages of ZeRO pass keys and values round a ring; behind them, layouts without sequence parallelism.
    /// </summary>
    /// <param name="numExperts">Of a mixture: its layouts are those whose ranks share experts. 0 for a dense model.</param>
    public static IReadOnlyList<TrialLayout> Grid(int maxRanks, int numExperts = 0)
    {
        var degrees = new[] { 1, 2, 4, 8 };
        var layouts =
            from pp in degrees
            from replicate in degrees
            from shard in degrees
            from cp in degrees
            from tp in degrees
            from ep in numExperts == 0 ? [1] : degrees[1..]
            where numExperts % ep == 0 && shard * cp % ep == 0
            let mesh = new MeshShape { Pp = pp, DpReplicate = replicate, DpShard = shard, Cp = cp, Tp = tp, Ep = ep }
            where mesh.World > 1 && mesh.World <= maxRanks && tp <= TrialSpec.MaxTp && replicate * shard <= TrialSpec.SequencesPerStep
            orderby mesh.World, pp, tp, cp, shard, ep
            from zero in Enumerable.Range(0, shard * cp > 1 ? 4 : 1)
            from pipeline in pp > 1 ? Pipelines : [Pipelines[1]]
            let method = cp > 1 && zero % 2 == 1 ? ContextParallelMethod.Ring : ContextParallelMethod.AllGather
            let layout = new TrialLayout(mesh, zero, pipeline.Kind, pipeline.VirtualStages) { CpMethod = method }
            where layout.HasWorkForAll
            select layout;
        return [.. layouts, .. WithWholeRows.Where(layout => numExperts == 0 && layout.Mesh.World <= maxRanks)];
    }

    /// <summary>Microbatches of each rank.</summary>
    public int MicroBatches => Math.Max(
        1, TrialSpec.SequencesPerStep / (Mesh.DpReplicate * Mesh.DpShard) / TrialSpec.MaxMicroBatchSize);

    /// <summary>Rows of a microbatch over all cp and tp ranks.</summary>
    private int Rows => TrialSpec.SeqLen * Math.Min(TrialSpec.MaxMicroBatchSize, TrialSpec.SequencesPerStep / (Mesh.DpReplicate * Mesh.DpShard));

    /// <summary>
    /// Each chunk has a layer, the embedding or the head, each cp and tp rank rows, and an interleaved schedule a microbatch for each stage.
    /// </summary>
    private bool HasWorkForAll =>
        Mesh.Pp * VirtualStages <= TrialSpec.NumLayers + 2
        && Rows % (2 * Mesh.Cp * Mesh.Tp) == 0
        && (Schedule != PipelineScheduleKind.InterleavedOneForwardOneBackward || MicroBatches >= Mesh.Pp);

    /// <summary>The axes with more than one rank, as in <c>dp_shard 2 x tp 2, zero 3</c>.</summary>
    public override string ToString()
    {
        var axes = new[]
        {
            ("pp", Mesh.Pp), ("dp_replicate", Mesh.DpReplicate), ("dp_shard", Mesh.DpShard), ("tp", Mesh.Tp), ("ep", Mesh.Ep), ("cp", Mesh.Cp),
        };
        var named = axes.Where(axis => axis.Item2 > 1).Select(axis => $"{axis.Item1} {axis.Item2}").ToList();
        return (named.Count == 0 ? "serial" : string.Join(" x ", named))
            + (CpMethod == ContextParallelMethod.Ring ? " ring" : "") + (HasSequenceParallel ? "" : ", whole rows")
            + (Mesh.DpShard * Mesh.Cp > 1 ? $", zero {Zero}" : "") + (Mesh.Pp > 1 ? $", {LayoutText.Name(Schedule)}" : "");
    }
}
