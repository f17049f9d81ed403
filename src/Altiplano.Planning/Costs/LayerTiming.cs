using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Time of one microbatch through each kind of layer, from the shapes of its kernels and the payloads of its collectives.</summary>
internal sealed class LayerTiming
{
    // Kernels that the forward pass of a layer launches where nothing is fused; the backward pass launches twice as many.
    private const double KernelsPerLayer = 40;
    private const double KernelsPerMixture = 30;

    private readonly bool _hasMixture;
    private readonly TimeCoefficients _coefficients;
    private readonly KernelTiming _timing;
    private readonly LayerKernels _kernels;
    private readonly LayerTraffic _traffic;
    private readonly EdgeTiming _edges;

    public LayerTiming(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients, CollectiveTiming collectives)
    {
        _hasMixture = workload.Model.Mixture is not null;
        _coefficients = coefficients;
        _timing = new KernelTiming(cluster.Gpu, workload.Precision, coefficients);
        _kernels = new LayerKernels(workload, coefficients, _timing);
        _traffic = new LayerTraffic(workload, cluster, coefficients, collectives);
        _edges = new EdgeTiming(workload, _timing);
    }

    /// <summary>Depends on tp, cp, ep, microbatch, sequence parallelism, cp method, recompute, whether ZeRO is 3 and <see cref="ShardedStack"/>; on nothing else.</summary>
    public MicroBatchTimes Of(in Layout layout)
    {
        var dense = Layer(layout, isMixture: false);
        var mixture = _hasMixture ? Layer(layout, isMixture: true) : dense;
        return new MicroBatchTimes(dense, mixture, _edges.Embedding(layout), _edges.Head(layout));
    }

    private LayerTime Layer(in Layout layout, bool isMixture)
    {
        var work = _kernels.Of(layout, isMixture);
        var redo = layout.Recompute == Recompute.Full ? 1.0 : 0;
        var communication = _traffic.Of(work, layout, isMixture, redo);
        var elementwise = _timing.Elementwise(work.ElementwiseBytes);
        var cast = _timing.Elementwise(work.CastBytes * _coefficients.CastTraffic);
        var forward = work.MatricesForward + work.AttentionForward + elementwise + cast / 3;
        var recompute = Recomputed(layout, work, forward);
        var busy = forward + recompute + work.MatricesBackward + work.AttentionBackward + 2 * elementwise + cast * 2 / 3;
        var host = (KernelsPerLayer + (isMixture ? KernelsPerMixture : 0)) * (3 + redo) * _coefficients.Launch.Value;
        var launch = Math.Max(0, host - busy - communication.Total);
        return communication with
        {
            Matrices = work.MatricesForward + work.MatricesBackward,
            Attention = work.AttentionForward + work.AttentionBackward,
            Elementwise = 3 * elementwise + cast,
            Recompute = recompute,
            Launch = launch,
            Forward = forward + (communication.Total + launch) / (3 + redo),
            Flops = work.MatrixFlops * (3 + redo) + work.AttentionFlops * (1 + KernelTiming.AttentionBackward + redo),
            MemoryTraffic = work.ProductBytes * (1 + redo / 3) + work.ElementwiseBytes * (3 + redo) + work.CastBytes,
        };
    }

    /// <summary>Seconds of the forward pass done again.</summary>
    /// <remarks>
    /// Selective is the attention core (Korthikanti et al. 2022 §5); stacks that run ZeRO-3 keep every second product and attention's
    /// output, and do the rest again (torchtitan's per-operator recompute, as <see cref="SavedTensors"/> counts it).
    /// </remarks>
    private static double Recomputed(in Layout layout, in LayerWork work, double forward) => layout.Recompute switch
    {
        Recompute.Full => forward,
        Recompute.Selective when layout.ZeroStage >= 3 => forward - work.AttentionForward - work.MatricesForward / 2,
        Recompute.Selective => work.AttentionForward,
        _ => 0,
    };
}
