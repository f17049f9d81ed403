using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Device memory of any rank of a layout, by part.</summary>
public sealed class MemoryModel(Workload workload, ClusterSpec cluster, MemoryCoefficients coefficients)
{
    /// <returns>The stage whose ranks need most, and what they need.</returns>
    public int FullestStage(in Layout layout, out MemoryUse memory)
    {
        var fullest = 0;
        memory = OfStage(layout, 0);
        for (var stage = 1; stage < layout.Pp; stage++)
        {
            var candidate = OfStage(layout, stage);
            if (candidate.Total <= memory.Total)
                continue;
            (fullest, memory) = (stage, candidate);
        }

        return fullest;
    }

    /// <summary>Memory of a rank of one pipeline stage, 0 being the first.</summary>
    public MemoryUse OfStage(in Layout layout, int stage)
    {
        var model = workload.Model;
        var parameters = (double)model.HiddenSize * (12.0 * model.HiddenSize * model.NumLayers / layout.Pp + model.VocabSize) / layout.Tp;
        var inFlight = Math.Min(layout.MicroBatches(workload.GlobalBatchSequences), layout.Pp - stage);
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        var kept = layout.Recompute == Recompute.Full ? 2 : 34;
        var shards = (double)layout.DpShard * layout.Cp;
        return new MemoryUse
        {
            Parameters = 2 * parameters / (layout.ZeroStage >= 3 ? shards : 1),
            Gradients = 4 * parameters / (layout.ZeroStage >= 2 ? shards : 1),
            OptimizerState = 12 * parameters / (layout.ZeroStage >= 1 ? shards : 1),
            Activations = tokens * model.HiddenSize * kept / layout.Tp * model.NumLayers / layout.Pp * inFlight,
            Framework = coefficients.Framework.Value,
            Fragmentation = coefficients.Fragmentation * parameters / cluster.Server.GpusPerServer,
        };
    }
}
