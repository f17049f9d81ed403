using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Device memory of any rank of a layout, by part: closed form, without allocation.</summary>
/// <remarks>
/// Model states as ZeRO shards them (Rajbhandari et al. 2020), activations of the microbatches in flight
/// (<see cref="SavedTensors"/>, <see cref="ActivationsInFlight"/>), the larger of the loss's and a layer's temporaries, what FSDP
/// gathers, and the stack's own overhead.
/// </remarks>
public sealed class MemoryModel(Workload workload, ClusterSpec cluster, MemoryCoefficients coefficients)
{
    private readonly TransformerShape _model = workload.Model;
    private readonly ShapeParameters _whole = new(workload.Model);

    /// <summary>True where a GPU of the cluster has so much memory.</summary>
    public bool Fits(in MemoryUse memory) => memory.Total <= cluster.Gpu.Memory.Value;

    /// <returns>The stage whose ranks need most, the first of several, and what they need.</returns>
    /// <remarks>
    /// Looks at the first and the last stage and at the first with most layers, then at those before it and those after it in order
    /// until none that is left can need more: activations in flight never rise with the stage, and the split bounds the layers.
    /// </remarks>
    public int FullestStage(in Layout layout, out MemoryUse memory)
    {
        var stages = new StageMemory(workload, _model, _whole, coefficients, layout);
        var fullest = 0;
        memory = stages.Of(0);
        Consider(stages, layout.Pp - 1, ref fullest, ref memory);
        Consider(stages, stages.FirstWithMostLayers, ref fullest, ref memory);
        Search(stages, 1, Math.Min(stages.FirstWithMostLayers, layout.Pp - 1), ref fullest, ref memory);
        Search(stages, stages.FirstWithMostLayers + 1, layout.Pp - 1, ref fullest, ref memory);
        return fullest;
    }

    /// <summary>Memory of a rank of one pipeline stage, 0 being the first.</summary>
    public MemoryUse OfStage(in Layout layout, int stage) =>
        new StageMemory(workload, _model, _whole, coefficients, layout).Of(stage);

    private static void Search(in StageMemory stages, int from, int end, ref int fullest, ref MemoryUse memory)
    {
        for (var stage = from; stage < end && stages.BoundFrom(stage) > memory.Total; stage++)
            Consider(stages, stage, ref fullest, ref memory);
    }

    private static void Consider(in StageMemory stages, int stage, ref int fullest, ref MemoryUse memory)
    {
        var candidate = stages.Of(stage);
        if (candidate.Total < memory.Total || (candidate.Total == memory.Total && stage >= fullest))
            return;
        (fullest, memory) = (stage, candidate);
    }
}
