using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>
/// Choices that a source does not tell (microbatch, model chunks, recompute): those of the fastest layout that may have fitted, since
/// what gets published was tuned and ran; of the fastest of all where none may have.
/// </summary>
internal static class OpenChoices
{
    private const int LargestMicroBatch = 16;

    /// <summary>Memory is predicted within a tenth: a run that did run is believed to have fitted up to here.</summary>
    private const double MemoryTolerance = 1.1;

    public static MappedCase Choose(MappedCase mapped, CostModel model)
    {
        var given = mapped.Run;
        if (!IsOpen(given, mapped.Layout))
            return mapped;
        var candidates = Candidates(mapped).Where(layout => LayoutRules.IsLegal(mapped.Workload, mapped.Cluster, layout))
            .Select(layout => (Layout: layout, Cost: PublishedSharding.Cost(model, layout))).ToList();
        if (candidates.Count == 0)
            return mapped;
        var fitting = candidates.FindAll(c => c.Cost.Memory.Total <= MemoryTolerance * mapped.Cluster.Gpu.Memory.Value);
        var chosen = (fitting.Count > 0 ? fitting : candidates).MinBy(c => c.Cost.Time.Total).Layout;
        return mapped with { Layout = chosen, Assumptions = [.. mapped.Assumptions, .. Assumptions(given, chosen)] };
    }

    private static bool IsOpen(PublishedRun run, Layout layout) =>
        run.MicroBatch is null || IsRecomputeOpen(run) || IsInterleavingOpen(run, layout);

    private static bool IsRecomputeOpen(PublishedRun run) => run.Recompute is null && run.RecomputeLayers is null;

    private static bool IsInterleavingOpen(PublishedRun run, Layout layout) => run.Vp is null && layout.Pp > 1;

    private static IEnumerable<Layout> Candidates(MappedCase mapped)
    {
        var (run, layout, layers) = (mapped.Run, mapped.Layout, mapped.Workload.Model.NumLayers);
        var perRank = mapped.Workload.GlobalBatchSequences / layout.Dp;
        return
            from microBatch in run.MicroBatch is null ? PowersOfTwo().Where(b => perRank % b == 0) : [layout.MicroBatchSize]
            from chunks in IsInterleavingOpen(run, layout) ? Enumerable.Range(1, Math.Max(1, (layers + 2) / layout.Pp)) : [layout.VirtualStages]
            where chunks == 1 || !IsInterleavingOpen(run, layout) || SplitsEvenly(layers, layout.Pp * chunks)
            from recompute in IsRecomputeOpen(run) ? Enum.GetValues<Recompute>() : [layout.Recompute]
            select layout with
            {
                MicroBatchSize = microBatch,
                VirtualStages = chunks,
                Schedule = chunks > 1 ? PipelineScheduleKind.InterleavedOneForwardOneBackward : PipelineScheduleKind.OneForwardOneBackward,
                Recompute = recompute,
            };
    }

    private static IEnumerable<int> PowersOfTwo()
    {
        for (var value = 1; value <= LargestMicroBatch; value *= 2)
            yield return value;
    }

    /// <summary>Equal chunks, the embedding and the head counting as a layer each where that is needed.</summary>
    private static bool SplitsEvenly(int layers, int chunks) => layers % chunks == 0 || (layers + 2) % chunks == 0;

    private static IEnumerable<string> Assumptions(PublishedRun run, Layout chosen)
    {
        if (run.MicroBatch is null)
            yield return $"micro_batch is not given: {chosen.MicroBatchSize}, as in the fastest layout that fits";
        if (IsInterleavingOpen(run, chosen))
            yield return $"vp is not given: {chosen.VirtualStages}, as in the fastest layout that fits";
        if (IsRecomputeOpen(run))
            yield return $"recompute is not given: {chosen.Recompute.ToString().ToLowerInvariant()}, as in the fastest layout that fits";
    }
}
