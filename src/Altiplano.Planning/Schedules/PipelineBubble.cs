using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Schedules;

/// <summary>Closed forms of the idle time of a pipeline whose chunks all take the same time and whose transfers take none.</summary>
public static class PipelineBubble
{
    /// <param name="chunk">One chunk: a rank's time for a microbatch is that times <paramref name="virtualStages"/>.</param>
    /// <returns>Seconds of a step that each rank is idle.</returns>
    /// <remarks>
    /// (p - 1) (F + B) for GPipe and 1F1B, of a chunk where they interleave (Narayanan et al. 2021 §2.2), and at most
    /// (v - 1) (p - m mod p) chunks more where the last group is not full (Isaev et al. 2023, Calculon; the simulated pipeline waits
    /// less). ZB-H1 (p - 1) (F + I - W) (Qi et al. 2023, table 2), for m of p or more and W not above F nor I.
    /// </remarks>
    public static double Seconds(PipelineScheduleKind kind, int pp, int virtualStages, long microBatches, ChunkTimes chunk)
    {
        var fill = pp - 1;
        if (kind == PipelineScheduleKind.ZeroBubble)
            return fill * (chunk.Forward + chunk.BackwardInput - chunk.BackwardWeight);
        var rest = microBatches % pp;
        var waits = kind == PipelineScheduleKind.InterleavedOneForwardOneBackward && rest != 0 ? (virtualStages - 1) * (pp - rest) : 0;
        return (fill + waits) * (chunk.Forward + chunk.Backward);
    }

    /// <summary>Seconds of a step: every microbatch through a rank's chunks, and the idle time.</summary>
    public static double Makespan(PipelineScheduleKind kind, int pp, int virtualStages, long microBatches, ChunkTimes chunk) =>
        microBatches * virtualStages * (chunk.Forward + chunk.Backward) + Seconds(kind, pp, virtualStages, microBatches, chunk);
}
