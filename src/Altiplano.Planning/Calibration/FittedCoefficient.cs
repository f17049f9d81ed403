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
    public static IReadOnlyList<FittedCoefficient> All { get; } =
    [
        new("matrix_efficiency", 0.2, 0.98, 0.15, c => c.MatrixEfficiency, (c, x) => c with { MatrixEfficiency = x }),
        new("matrix_half_depth", 1, 3000, 0.7, c => c.MatrixHalfDepth, (c, x) => c with { MatrixHalfDepth = x }),
        new("wave_quantisation", 0.02, 1, 0.7, c => c.WaveQuantisation, (c, x) => c with { WaveQuantisation = x }),
        new("kernel_overhead", 2e-7, 5e-5, 0.7, c => c.KernelOverhead.Value, (c, x) => c with { KernelOverhead = new Seconds(x) }),
        new("attention_efficiency", 0.05, 0.9, 0.3, c => c.AttentionEfficiency, (c, x) => c with { AttentionEfficiency = x }),
        new("attention_half_length", 10, 20000, 0.7, c => c.AttentionHalfLength, (c, x) => c with { AttentionHalfLength = x }),
        new("head_size_exponent", 0.02, 2, 0.6, c => c.HeadSizeExponent, (c, x) => c with { HeadSizeExponent = x }),
        new("memory_efficiency", 0.05, 2, 0.4, c => c.MemoryEfficiency, (c, x) => c with { MemoryEfficiency = x }),
        new("cast_traffic", 0.01, 3, 0.7, c => c.CastTraffic, (c, x) => c with { CastTraffic = x }),
        new("launch", 1e-6, 1e-4, 0.7, c => c.Launch.Value, (c, x) => c with { Launch = new Seconds(x) }),
        new("step_overhead", 1e-4, 0.5, 1, c => c.StepOverhead.Value, (c, x) => c with { StepOverhead = new Seconds(x) }),
        new("nvlink_efficiency", 0.1, 1, 0.25, c => c.NvlinkEfficiency, (c, x) => c with { NvlinkEfficiency = x }),
        new("network_efficiency", 0.05, 1, 0.35, c => c.NetworkEfficiency, (c, x) => c with { NetworkEfficiency = x }),
        new("nvlink_hop", 2e-7, 2e-5, 0.6, c => c.NvlinkHop.Value, (c, x) => c with { NvlinkHop = new Seconds(x) }),
        new("network_hop", 5e-7, 1e-4, 0.8, c => c.NetworkHop.Value, (c, x) => c with { NetworkHop = new Seconds(x) }),
        new("tensor_parallel_overlap", 0.01, 0.95, 0.6, c => c.TensorParallelOverlap, (c, x) => c with { TensorParallelOverlap = x }),
        new("data_parallel_overlap", 0.01, 1, 0.7, c => c.DataParallelOverlap, (c, x) => c with { DataParallelOverlap = x }),
        new("gather_overlap", 0.01, 1, 0.5, c => c.GatherOverlap, (c, x) => c with { GatherOverlap = x }),
        new("contention", 0.01, 1, 0.6, c => c.Contention, (c, x) => c with { Contention = x }),
        new("selective_share", 0.02, 1, 0.5, c => c.SelectiveShare, (c, x) => c with { SelectiveShare = x }),
        new("pipeline_transfer_share", 0.02, 5, 0.8, c => c.PipelineTransferShare, (c, x) => c with { PipelineTransferShare = x }),
        new("expert_imbalance", 1, 1.6, 0.06, c => c.ExpertImbalance, (c, x) => c with { ExpertImbalance = x }),
        new("optimizer_efficiency", 0.05, 1, 0.5, c => c.OptimizerEfficiency, (c, x) => c with { OptimizerEfficiency = x }),
        new("power_exponent", 0.05, 1, 0.4, c => c.PowerExponent, (c, x) => c with { PowerExponent = x }),
        new("straggler_sigma", 1e-4, 0.03, 0.6, c => c.StragglerSigma, (c, x) => c with { StragglerSigma = x }),
    ];
}
