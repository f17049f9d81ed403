using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Looks at every layout of one trunk, or proves of a group of them that none is among the best.</summary>
/// <remarks>
/// The members of a group differ in how they share optimizer state and gradients, and parameters if the group shards those, among
/// data-parallel ranks. The one that shards most needs least memory. What sharding does not touch, all but traffic between replicas and
/// the optimizer, takes the same time in all.
/// </remarks>
internal sealed class TrunkSearch(PlanRequest request, CostModels models, RunModel run)
{
    private readonly double _memory = request.MemoryLimit;

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
                    var shardings = axes.Shardings[variant];
                    if (shardings.Length == 0)
                        continue;
                    var stem = axes.Variants[variant] with { Pp = axes.Trunk.Pp, Schedule = kind, VirtualStages = chunks };
                    var least = request.IsExhaustive ? 0 : bound.Of(
                        work[variant], stem.Pp, PipelineTiming.BubbleShare(stem), microBatches, batch.Workload.TokensPerStep);
                    if (least > Math.Min(threshold, tally.Best.Threshold))
                        counts = counts with { SkippedByTime = counts.SkippedByTime + shardings.Length };
                    else
                        Search(new Group(stem, shardings, batch, recovery, threshold), tally, ref counts);
                }
            }
        }

        tally.Counts = counts;
        return tally;
    }

    /// <param name="Stem">The layout but for its sharding.</param>
    private readonly record struct Group(Layout Stem, Sharding[] Shardings, BatchModels Batch, RecoveryShares Recovery, double Threshold)
    {
        public Layout Member(int index) => Stem with
        {
            DpShard = Shardings[index].DpShard,
            DpReplicate = Shardings[index].DpReplicate,
            ZeroStage = Shardings[index].ZeroStage,
        };
    }

    private void Search(in Group group, SearchTally tally, ref SearchCounts counts)
    {
        var first = group.Member(0);
        if (!request.IsExhaustive)
        {
            // Once the experts have room, which rules a layout breaks does not depend on its sharding.
            if (!LayoutRules.IsLegal(group.Batch.Workload, request.Cluster, first))
            {
                counts = counts with { Illegal = counts.Illegal + group.Shardings.Length };
                return;
            }

            if (LowerBound(first, group.Batch.Time.MicroBatch(first), group) > Math.Min(group.Threshold, tally.Best.Threshold))
            {
                counts = counts with { SkippedByTime = counts.SkippedByTime + group.Shardings.Length };
                return;
            }

            group.Batch.Memory.FullestStage(first, out var least);
            if (least.Total > _memory)
            {
                tally.NoteMemory(first, least, group.Batch.Workload.GlobalBatchSequences);
                counts = counts with { SkippedByMemory = counts.SkippedByMemory + group.Shardings.Length };
                return;
            }
        }

        var times = group.Batch.Time.MicroBatch(first);
        for (var i = 0; i < group.Shardings.Length; i++)
        {
            var layout = group.Member(i);
            if (LayoutRules.IsLegal(group.Batch.Workload, request.Cluster, layout))
                Evaluate(layout, times, group, tally, ref counts);
            else
                counts = counts with { Illegal = counts.Illegal + 1 };
        }
    }

    /// <summary>The score of a step without what depends on the sharding.</summary>
    private double LowerBound(in Layout layout, in MicroBatchTimes times, in Group group)
    {
        var step = group.Batch.Time.Evaluate(layout, times);
        var rest = step.Time.Total - step.Time.Stragglers;
        var shared = step.Time with { DataParallel = 0, Optimizer = 0, Stragglers = 0 };
        var bound = step with
        {
            Time = shared with { Stragglers = step.Time.Stragglers / rest * shared.Total },
            MemoryTrafficPerGpu = 0,
            NvlinkBytesPerGpu = 0,
            NetworkBytesPerGpu = 0,
        };
        var economics = run.Evaluate(layout.World, group.Recovery, bound, group.Batch.Workload.TokensPerStep);
        return economics.Of(request.Objective) * (1 - StepBound.RoundingSlack);
    }

    private void Evaluate(in Layout layout, in MicroBatchTimes times, in Group group, SearchTally tally, ref SearchCounts counts)
    {
        counts = counts with { Evaluated = counts.Evaluated + 1 };
        var workload = group.Batch.Workload;
        var stage = group.Batch.Memory.FullestStage(layout, out var memory);
        var step = group.Batch.Time.Evaluate(layout, times) with { Memory = memory, FullestStage = stage };
        if (memory.Total > _memory)
        {
            tally.NoteMemory(layout, memory, workload.GlobalBatchSequences);
            return;
        }

        var economics = run.Evaluate(layout.World, group.Recovery, step, workload.TokensPerStep);
        tally.NoteRun(economics);
        if (!request.Limits.Allow(economics))
            return;
        counts = counts with { Fitting = counts.Fitting + 1 };
        tally.Best.Add(new Candidate(economics.Of(request.Objective), layout, workload.GlobalBatchSequences, step, economics));
    }
}
