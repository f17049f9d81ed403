using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Looks at every layout of one trunk, or proves of a group of them that none is among the best.</summary>
/// <remarks>
/// A group is what differs in the sharding over data-parallel ranks alone. Of its member that shards most, memory is the
/// group's least, and step time without data-parallel communication, optimizer and stragglers is what all members share.
/// </remarks>
internal sealed class TrunkSearch(PlanRequest request, CostModels models, RunModel run)
{
    private readonly double _memory = request.Cluster.Gpu.Memory.Value;

    /// <param name="threshold">Layouts with a higher score are not among the best: others are already known.</param>
    public SearchTally Run(TrunkAxes axes, double threshold)
    {
        var tally = new SearchTally(request.Top);
        var counts = new SearchCounts { Raw = axes.Layouts };
        for (var microBatches = axes.MicroBatches.Most; microBatches >= axes.MicroBatches.Fewest; microBatches--)
        {
            var batch = microBatches * axes.Trunk.Sequences;
            var batchModels = models.For(batch);
            foreach (var (kind, chunks) in axes.Schedules)
            foreach (var isSequenceParallel in axes.SequenceParallel)
            foreach (var recompute in axes.Recompute)
            foreach (var cpMethod in axes.CpMethods)
            foreach (var (ep, shardings) in axes.Experts)
            {
                var layout = new Layout
                {
                    Tp = axes.Trunk.Tp, Cp = axes.Trunk.Cp, Pp = axes.Trunk.Pp, Ep = ep, VirtualStages = chunks,
                    MicroBatchSize = axes.Trunk.MicroBatchSize, HasSequenceParallel = isSequenceParallel, Recompute = recompute,
                    Schedule = kind, CpMethod = cpMethod,
                };
                Search(layout, shardings, batchModels, threshold, tally, ref counts);
            }
        }

        tally.Counts = counts;
        return tally;
    }

    private void Search(
        in Layout stem, Sharding[] shardings, BatchModels batch, double threshold, SearchTally tally, ref SearchCounts counts)
    {
        var first = With(stem, shardings[0]);
        if (!request.IsExhaustive && LayoutRules.IsLegal(batch.Workload, request.Cluster, first))
        {
            if (LowerBound(first, batch) > Math.Min(threshold, tally.Best.Threshold))
            {
                counts = counts with { SkippedByTime = counts.SkippedByTime + shardings.Length };
                return;
            }

            batch.Memory.FullestStage(first, out var least);
            tally.NoteMemory(first, least, batch.Workload.GlobalBatchSequences);
            if (least.Total > _memory)
            {
                counts = counts with { SkippedByMemory = counts.SkippedByMemory + shardings.Length };
                return;
            }
        }

        foreach (var sharding in shardings)
            Evaluate(With(stem, sharding), batch, tally, ref counts);
    }

    private double LowerBound(in Layout layout, BatchModels batch)
    {
        var step = batch.Time.Evaluate(layout);
        var shared = step with
        {
            Time = step.Time with { DataParallel = 0, Optimizer = 0, Stragglers = 0 },
            MemoryTrafficPerGpu = 0, NvlinkBytesPerGpu = 0, NetworkBytesPerGpu = 0,
        };
        return run.Evaluate(layout.World, shared, batch.Workload.TokensPerStep).Of(request.Objective);
    }

    private void Evaluate(in Layout layout, BatchModels batch, SearchTally tally, ref SearchCounts counts)
    {
        if (!LayoutRules.IsLegal(batch.Workload, request.Cluster, layout))
        {
            counts = counts with { Illegal = counts.Illegal + 1 };
            return;
        }

        counts = counts with { Evaluated = counts.Evaluated + 1 };
        var stage = batch.Memory.FullestStage(layout, out var memory);
        var step = batch.Time.Evaluate(layout) with { Memory = memory, FullestStage = stage };
        var economics = run.Evaluate(layout.World, step, batch.Workload.TokensPerStep);
        tally.NoteMemory(layout, memory, batch.Workload.GlobalBatchSequences);
        if (memory.Total > _memory)
            return;
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
