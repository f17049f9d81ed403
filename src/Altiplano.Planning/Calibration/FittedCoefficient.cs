using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>A coefficient that a fit may move: how to read and replace it, where it may lie, how firmly it is believed.</summary>
/// <param name="Name">As in a stack file.</param>
/// <param name="Low">Smallest value, in SI units.</param>
/// <param name="PriorSigma">Standard deviation of the logarithm of a stack's value over its prior.</param>
public sealed record FittedCoefficient(
    string Name, double Low, double High, double PriorSigma, Func<TimeCoefficients, double> Get,
    Func<TimeCoefficients, double, TimeCoefficients> With)
{
    /// <summary>Every field of <see cref="TimeCoefficients"/>, in its order.</summary>
    public double ToUnbounded(double x) => Math.Log((x - Low) / (High - x));

    public double FromUnbounded(double z) => Low + (High - Low) / (1 + Math.Exp(-z));

    public static IReadOnlyList<FittedCoefficient> All { get; } =
    [
        new("matrix_efficiency", 0.2, 0.98, 0.5, c => c.MatrixEfficiency, (c, x) => c with { MatrixEfficiency = x }),
        new("matrix_half_depth", 1, 3000, 0.7, c => c.MatrixHalfDepth, (c, x) => c with { MatrixHalfDepth = x }),
        new("wave_quantisation", 0, 1, 1, c => c.WaveQuantisation, (c, x) => c with { WaveQuantisation = x }),
        new("attention_efficiency", 0.05, 0.9, 0.6, c => c.AttentionEfficiency, (c, x) => c with { AttentionEfficiency = x }),
        new("sharded_attention_efficiency", 0.05, 0.9, 0.6, c => c.ShardedAttentionEfficiency, (c, x) => c with { ShardedAttentionEfficiency = x }),
        new("attention_half_length", 10, 20000, 0.8, c => c.AttentionHalfLength, (c, x) => c with { AttentionHalfLength = x }),
        new("head_size_exponent", 0, 2, 0.8, c => c.HeadSizeExponent, (c, x) => c with { HeadSizeExponent = x }),
        new("memory_efficiency", 0.05, 2, 0.7, c => c.MemoryEfficiency, (c, x) => c with { MemoryEfficiency = x }),
        new("cast_traffic", 0.01, 3, 0.8, c => c.CastTraffic, (c, x) => c with { CastTraffic = x }),
        new("launch", 1e-6, 0.0002, 0.7, c => c.Launch.Value, (c, x) => c with { Launch = new Seconds(x) }),
        new("step_overhead", 0.0001, 0.5, 1, c => c.StepOverhead.Value, (c, x) => c with { StepOverhead = new Seconds(x) }),
        new("nvlink_efficiency", 0.1, 1, 0.6, c => c.NvlinkEfficiency, (c, x) => c with { NvlinkEfficiency = x }),
        new("network_efficiency", 0.05, 1, 0.8, c => c.NetworkEfficiency, (c, x) => c with { NetworkEfficiency = x }),
        new("nvlink_hop", 2e-7, 2e-05, 0.6, c => c.NvlinkHop.Value, (c, x) => c with { NvlinkHop = new Seconds(x) }),
        new("network_hop", 5e-7, 0.0002, 0.8, c => c.NetworkHop.Value, (c, x) => c with { NetworkHop = new Seconds(x) }),
        new("tensor_parallel_overlap", 0, 1, 1, c => c.TensorParallelOverlap, (c, x) => c with { TensorParallelOverlap = x }),
        new("bytes_per_gradient", 1.9, 4.1, 1, c => c.BytesPerGradient, (c, x) => c with { BytesPerGradient = x }),
        new("data_parallel_overlap", 0, 1, 1, c => c.DataParallelOverlap, (c, x) => c with { DataParallelOverlap = x }),
        new("gather_overlap", 0, 1, 1, c => c.GatherOverlap, (c, x) => c with { GatherOverlap = x }),
        new("gather_calls", 0.5, 40, 1, c => c.GatherCalls, (c, x) => c with { GatherCalls = x }),
        new("prefetch_parameters", 10000000.0, 1e10, 0.7, c => c.PrefetchParameters, (c, x) => c with { PrefetchParameters = x }),
        new("expert_parallel_overlap", 0, 1, 0.8, c => c.ExpertParallelOverlap, (c, x) => c with { ExpertParallelOverlap = x }),
        new("contention", 0, 1, 0.8, c => c.Contention, (c, x) => c with { Contention = x }),
        new("selective_share", 0, 1, 0.7, c => c.SelectiveShare, (c, x) => c with { SelectiveShare = x }),
        new("pipeline_transfer_share", 0, 5, 0.8, c => c.PipelineTransferShare, (c, x) => c with { PipelineTransferShare = x }),
        new("expert_imbalance", 1, 1.6, 0.5, c => c.ExpertImbalance, (c, x) => c with { ExpertImbalance = x }),
        new("optimizer_efficiency", 0.05, 1, 0.7, c => c.OptimizerEfficiency, (c, x) => c with { OptimizerEfficiency = x }),
        new("straggler_sigma", 0.0001, 0.03, 0.6, c => c.StragglerSigma, (c, x) => c with { StragglerSigma = x }),
    ];
}
