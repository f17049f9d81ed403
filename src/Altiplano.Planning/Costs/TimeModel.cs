using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Step time of any layout, by part: closed form, no allocation.</summary>
/// <remarks>
/// A microbatch through each kind of layer (<see cref="LayerTiming"/>), the pipeline of the stages that these make
/// (<see cref="PipelineTiming"/>), and what the data-parallel ranks exchange (<see cref="DataParallelTiming"/>).
/// </remarks>
public sealed class TimeModel
{
    private const double EulerGamma = 0.5772156649015329;

    private readonly Workload _workload;
    private readonly TimeCoefficients _coefficients;
    private readonly LayerTiming _layers;
    private readonly PipelineTiming _pipeline;
    private readonly DataParallelTiming _dataParallel;

    public TimeModel(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients)
    {
        var collectives = new CollectiveTiming(cluster, coefficients);
        _workload = workload;
        _coefficients = coefficients;
        _layers = new LayerTiming(workload, cluster, coefficients, collectives);
        _pipeline = new PipelineTiming(workload, cluster, coefficients, collectives);
        _dataParallel = new DataParallelTiming(workload, cluster, coefficients, collectives);
    }

    /// <returns>Everything of a <see cref="StepCost"/> but its memory.</returns>
    public StepCost Evaluate(in Layout layout) => Evaluate(layout, MicroBatch(layout));

    /// <summary>The part of an evaluation that layouts of equal tp, cp, ep, microbatch, recompute and sequence parallelism share.</summary>
    /// <remarks>ZeRO-3 differs from the other stages, and ZeRO-2 where <see cref="ShardedStack"/> runs it.</remarks>
    public MicroBatchTimes MicroBatch(in Layout layout) => _layers.Of(layout);

    /// <param name="times"><see cref="MicroBatch"/> of this layout or of one that shares it.</param>
    public StepCost Evaluate(in Layout layout, in MicroBatchTimes times)
    {
        var microBatches = (double)layout.MicroBatches(_workload.GlobalBatchSequences);
        var pipeline = _pipeline.Of(layout, times, microBatches);
        var stage = pipeline.SlowestStage;
        var numLayers = pipeline.DenseLayers + pipeline.MixtureLayers;
        var step = stage * microBatches;
        var data = _dataParallel.Of(
            layout, pipeline.DenseLayers, pipeline.MixtureLayers, microBatches, stage * (1 / Math.Max(1, numLayers)));
        var time = new StepTime
        {
            Matrices = step.Matrices,
            Attention = step.Attention,
            Elementwise = step.Elementwise,
            Recompute = step.Recompute,
            Launch = step.Launch + HostDelay(layout),
            TensorParallel = step.TensorParallel,
            ContextParallel = step.ContextParallel,
            ExpertParallel = step.ExpertParallel,
            PipelineTransfers = pipeline.Transfers,
            Bubble = pipeline.Bubble,
            DataParallel = data.Communication,
            Optimizer = data.Optimizer,
        };
        var wait = _coefficients.StragglerSigma * Math.Sqrt(2 * Math.Log(layout.World));
        time = time with { Stragglers = wait * time.Total };
        return new StepCost(
            time, default, 0, step.Flops, step.MemoryTraffic, step.NvlinkBytes + data.NvlinkBytes,
            step.NetworkBytes + data.NetworkBytes + pipeline.TransferBytes);
    }

    /// <summary>The longest of the delays of so many hosts: delays are exponential, so the mean times the harmonic number of ranks.</summary>
    private double HostDelay(in Layout layout) => _coefficients.HostDelay.Value * (Math.Log(layout.World) + EulerGamma);
}
