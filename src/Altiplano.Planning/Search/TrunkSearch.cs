using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Looks at every layout of one trunk, or proves of a group of them that none is among the best.</summary>
/// <remarks>
/// A group is what differs in the sharding over data-parallel ranks alone. Of its member that shards most, memory is the
/// group's least. What sharding does not touch is the same for all members with whole parameters, and for all with sharded ones.
/// </remarks>
internal sealed class TrunkSearch(PlanRequest request, CostModels models, RunModel run)
{
    private readonly double _memory = request.Cluster.Gpu.Memory.Value;

    /// <param name="work">A bound for each of the trunk's variants.</param>
    /// <param name="threshold">Layouts with a higher score are not among the best: others are already known.</param>
    public SearchTally Run(TrunkAxes axes, WorkBound[] work, in StepBound bound, double threshold)
    {
        var tally = new SearchTally(request);
        var counts = new SearchCounts { Raw = axes.Layouts };
        var recovery = run.Shares(axes.Trunk.World, axes.Trunk.Dp);
        for (var microBatches = axes.MicroBatches.Most; microBatches >= axes.MicroBatches.Fewest; microBatches--)
        {
            var batch = models.For(microBatches * axes.Trunk.Sequences);
            foreach (var (kind, chunks) in axes.Schedules)
            {
                for (var variant = 0; variant < axes.Variants.Length; variant++)
                {
                    var layout = axes.Variants[variant] with { Pp = axes.Trunk.Pp, Schedule = kind, VirtualStages = chunks };
                    var shardings = axes.Shardings[variant];
                    if (shardings.Length == 0)
                        continue;
                    var least = request.IsExhaustive ? 0 : bound.Of(
                        work[variant], layout.Pp, PipelineTiming.BubbleShare(layout), microBatches, batch.Workload.TokensPerStep);
                    if (least > Math.Min(threshold, tally.Best.Threshold))
                        counts = counts with { SkippedByTime = counts.SkippedByTime + shardings.Length };
                    else if (CanFit(layout, shardings, batch, tally))
                        Evaluate(layout, shardings, batch, recovery, threshold, tally, ref counts);
                    else
                        counts = counts with { SkippedByMemory = counts.SkippedByMemory + shardings.Length };
                }
            }
        }

        tally.Counts = counts;
        return tally;
    }

    /// <summary>False where the member that shards most, and so every other, is too large.</summary>
    private bool CanFit(in Layout stem, Sharding[] shardings, BatchModels batch, SearchTally tally)
    {
        var first = With(stem, shardings[0]);
        if (request.IsExhaustive || !LayoutRules.IsLegal(batch.Workload, request.Cluster, first))
            return true;
        batch.Memory.FullestStage(first, out var least);
        if (least.Total <= _memory)
            return true;
        tally.NoteMemory(first, least, batch.Workload.GlobalBatchSequences);
        return false;
    }

    private void Evaluate(
        in Layout stem, Sharding[] shardings, BatchModels batch, in RecoveryShares recovery, double threshold, SearchTally tally,
        ref SearchCounts counts)
    {
        var first = With(stem, shardings[0]);
        var whole = batch.Time.MicroBatch(first with { ZeroStage = 0 });
        var sharded = batch.Time.MicroBatch(first with { ZeroStage = 3 });
        var leastWhole = LowerBound(first with { ZeroStage = 0 }, whole, batch, recovery);
        var leastSharded = LowerBound(first with { ZeroStage = 3 }, sharded, batch, recovery);
        foreach (var sharding in shardings)
        {
            var layout = With(stem, sharding);
            var least = sharding.ZeroStage == 3 ? leastSharded : leastWhole;
            if (least > Math.Min(threshold, tally.Best.Threshold))
                counts = counts with { SkippedByTime = counts.SkippedByTime + 1 };
            else if (LayoutRules.IsLegal(batch.Workload, request.Cluster, layout))
                Evaluate(layout, sharding.ZeroStage == 3 ? sharded : whole, batch, recovery, tally, ref counts);
            else
                counts = counts with { Illegal = counts.Illegal + 1 };
        }
    }

    /// <summary>The score of a step without what depends on the sharding: traffic between replicas, and the optimizer.</summary>
    private double LowerBound(in Layout layout, in MicroBatchTimes times, BatchModels batch, in RecoveryShares recovery)
    {
        if (request.IsExhaustive)
            return 0;
        var step = batch.Time.Evaluate(layout, times);
        var rest = step.Time.Total - step.Time.Stragglers;
        var shared = step.Time with { DataParallel = 0, Optimizer = 0, Stragglers = 0 };
        var bound = step with
        {
            Time = shared with { Stragglers = step.Time.Stragglers / rest * shared.Total },
            MemoryTrafficPerGpu = 0, NvlinkBytesPerGpu = 0, NetworkBytesPerGpu = 0,
        };
        return run.Evaluate(layout.World, recovery, bound, batch.Workload.TokensPerStep).Of(request.Objective) * (1 - StepBound.RoundingSlack);
    }

    private void Evaluate(
        in Layout layout, in MicroBatchTimes times, BatchModels batch, in RecoveryShares recovery, SearchTally tally, ref SearchCounts counts)
    {
        counts = counts with { Evaluated = counts.Evaluated + 1 };
        var stage = batch.Memory.FullestStage(layout, out var memory);
        var step = batch.Time.Evaluate(layout, times) with { Memory = memory, FullestStage = stage };
        var economics = run.Evaluate(layout.World, recovery, step, batch.Workload.TokensPerStep);
        if (memory.Total > _memory)
        {
            tally.NoteMemory(layout, memory, batch.Workload.GlobalBatchSequences);
            return;
        }

        tally.NoteRun(economics);
        if (!request.Limits.Allow(economics))
            return;
        counts = counts with { Fitting = counts.Fitting + 1 };
        tally.Best.Add(new Candidate(economics.Of(request.Objective), layout, batch.Workload.GlobalBatchSequences, step, economics));
    }

    private static Layout With(in Layout stem, Sharding sharding) => stem with
    {
        DpShard = sharding.DpShard, DpReplicate = sharding.DpReplicate, ZeroStage = sharding.ZeroStage,
    };
}
