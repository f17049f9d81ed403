using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Step time of any layout, by part.</summary>
public sealed class TimeModel(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients)
{
    /// <returns>Everything of a <see cref="StepCost"/> but its memory.</returns>
    public StepCost Evaluate(in Layout layout)
    {
        var model = workload.Model;
        var tokens = workload.TokensPerStep;
        var matrixFlops = 6.0 * tokens * model.HiddenSize * (12.0 * model.HiddenSize * model.NumLayers + model.VocabSize) / layout.World;
        var attentionFlops = 6.0 * tokens * workload.SeqLen * model.HiddenSize * model.NumLayers / layout.World;
        var peak = cluster.Gpu.Peak(workload.Precision).Value;
        var matrices = matrixFlops / (peak * coefficients.MatrixEfficiency);
        var attention = attentionFlops / (cluster.Gpu.PeakBf16.Value * coefficients.AttentionEfficiency);
        var microBatches = layout.MicroBatches(workload.GlobalBatchSequences);
        var busy = matrices + attention;
        var time = new StepTime
        {
            Matrices = matrices,
            Attention = attention,
            Recompute = layout.Recompute == Recompute.Full ? busy / 3 : 0,
            Bubble = busy * (layout.Pp - 1) / ((double)microBatches * layout.VirtualStages),
        };
        return new StepCost(time, default, 0, matrixFlops + attentionFlops, 0, 0, 0);
    }
}
