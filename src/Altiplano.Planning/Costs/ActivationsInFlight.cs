using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>How many microbatches' activations a pipeline stage holds at its peak.</summary>
public static class ActivationsInFlight
{
    /// <param name="microBatches">Of one data-parallel rank in a step.</param>
    /// <returns>In units of all of a stage's chunks; a fraction where chunks interleave. Never rises with the stage.</returns>
    /// <remarks>
    /// 1F1B p - i; GPipe all; interleaved 2 (p - i - 1) + (v - 1) p + 1 chunks (Narayanan et al. 2021 §2.2; stage 0: p (1 + (p - 1) / (p v)));
    /// ZB-H1 p on every stage: what a deferred weight gradient waits with is as large as what it came from (Qi et al. 2023 §2.3).
    /// </remarks>
    public static double Of(in Layout layout, long microBatches, int stage) => layout.Schedule switch
    {
        PipelineScheduleKind.GPipe => microBatches,
        PipelineScheduleKind.ZeroBubble => Math.Min(microBatches, layout.Pp),
        PipelineScheduleKind.InterleavedOneForwardOneBackward => Math.Min(
            microBatches,
            (2.0 * (layout.Pp - stage - 1) + (layout.VirtualStages - 1.0) * layout.Pp + 1) / layout.VirtualStages),
        _ => Math.Min(microBatches, layout.Pp - stage),
    };
}
