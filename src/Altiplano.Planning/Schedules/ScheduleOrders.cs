using Altiplano.Planning.Mesh;
using static Altiplano.Planning.Schedules.PipelineActionKind;

namespace Altiplano.Planning.Schedules;

/// <summary>The order of one rank's actions under each kind of schedule.</summary>
internal static class ScheduleOrders
{
    public static IReadOnlyList<PipelineAction> Of(PipelineScheduleKind kind, int pp, int virtualStages, int microBatches, int rank) => kind switch
    {
        PipelineScheduleKind.GPipe => GPipe(microBatches),
        PipelineScheduleKind.ZeroBubble => ZeroBubble(pp, microBatches, rank),
        _ => OneForwardOneBackward(pp, virtualStages, microBatches, rank),
    };

    /// <remarks>Huang et al. 2019 (arXiv:1811.06965) §2.3.</remarks>
    private static List<PipelineAction> GPipe(int microBatches) =>
    [
        .. Enumerable.Range(0, microBatches).Select(m => new PipelineAction(Forward, m, 0)),
        .. Enumerable.Range(0, microBatches).Select(m => new PipelineAction(Backward, m, 0)),
    ];

    /// <summary>Plain and interleaved: forward passes until the pipeline is full, then one forward and one backward by turns.</summary>
    /// <remarks>
    /// Narayanan et al. 2021 (arXiv:2104.04473) §2.2. Interleaved, each group of pp microbatches passes the rank's first chunk, then
    /// its second, ..., and backward passes take the chunks from the last to the first. A last group that is not full keeps the
    /// others' places free: closing the gaps would let ranks wait for each other.
    /// </remarks>
    private static List<PipelineAction> OneForwardOneBackward(int pp, int virtualStages, int microBatches, int rank)
    {
        var isInterleaved = virtualStages > 1;
        var group = isInterleaved ? pp : 1;
        var places = (microBatches + group - 1) / group * group * virtualStages;
        var warmUp = Math.Min(places, isInterleaved ? 2 * (pp - rank - 1) + (virtualStages - 1) * pp : pp - rank - 1);
        var actions = new List<PipelineAction>(2 * microBatches * virtualStages);
        for (var place = 0; place < places + warmUp; place++)
        {
            if (place < places)
                Add(Forward, place);
            if (place >= warmUp)
                Add(Backward, place - warmUp);
        }

        return actions;

        void Add(PipelineActionKind kind, int place)
        {
            var (groups, within) = Math.DivRem(place, group * virtualStages);
            var (chunk, member) = Math.DivRem(within, group);
            var microBatch = groups * group + member;
            if (microBatch < microBatches)
                actions.Add(new PipelineAction(kind, microBatch, kind == Forward ? chunk : virtualStages - 1 - chunk));
        }
    }

    /// <summary>1F1B whose weight gradients are put off by as many microbatches as the rank has ranks before it: the drain fills with them.</summary>
    /// <remarks>ZB-H1, Qi et al. 2023 (arXiv:2401.10241) §2.1.</remarks>
    private static List<PipelineAction> ZeroBubble(int pp, int microBatches, int rank)
    {
        var warmUp = Math.Min(microBatches, pp - rank - 1);
        var actions = new List<PipelineAction>(3 * microBatches);
        for (var pass = 0; pass < microBatches + warmUp + rank; pass++)
        {
            if (pass < microBatches)
                actions.Add(new PipelineAction(Forward, pass, 0));
            if (pass >= warmUp && pass - warmUp < microBatches)
                actions.Add(new PipelineAction(BackwardInput, pass - warmUp, 0));
            if (pass >= warmUp + rank)
                actions.Add(new PipelineAction(BackwardWeight, pass - warmUp - rank, 0));
        }

        return actions;
    }
}
