using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>A coefficient that a fit may move: how to read and replace it, where it may lie, how firmly it is believed.</summary>
/// <param name="Name">As in a stack file.</param>
/// <param name="Doc">What it is, in a line.</param>
/// <param name="Low">Every value lies above this, in SI units.</param>
/// <param name="High">Every value lies below this.</param>
/// <param name="PriorSigma">Standard deviation of <see cref="ToUnbounded"/> around the prior.</param>
/// <param name="IsTime">True for seconds, false for a pure number.</param>
public sealed record FittedCoefficient(
    string Name, string Doc, double Low, double High, double PriorSigma, Func<TimeCoefficients, double> Get,
    Func<TimeCoefficients, double, TimeCoefficients> With, bool IsTime = false)
{
    /// <summary>Every field of <see cref="TimeCoefficients"/>, in its order.</summary>
    public static IReadOnlyList<FittedCoefficient> All { get; } = [.. Kernels(), .. Links(), .. Overlaps(), .. Rest()];

    /// <summary>True where one of the points depends on this coefficient.</summary>
    public bool IsFound(IReadOnlyList<CalibrationPoint> points) => Name switch
    {
        "cast_traffic" => points.Any(p => p.Workload.Precision == Precision.Fp8 && p.Cluster.Gpu.PeakFp8 is not null),
        "expert_imbalance" or "expert_parallel_overlap" => points.Any(p => p.Workload.Model.Mixture is not null),
        _ => true,
    };

    /// <summary>Keeps a value that a fit looks for inside the range: logit between the bounds.</summary>
    public double ToUnbounded(double value)
    {
        var margin = 1e-4 * (High - Low);
        var inside = Math.Clamp(value, Low + margin, High - margin);
        return Math.Log((inside - Low) / (High - inside));
    }

    public double FromUnbounded(double z) => Low + (High - Low) / (1 + Math.Exp(-z));

    private static FittedCoefficient[] Kernels() =>
    [
        new("matrix_efficiency", "Share of the dense peak that a large product reaches.", 0.2, 0.98, 0.12,
            c => c.MatrixEfficiency, (c, x) => c with { MatrixEfficiency = x }),
        new("matrix_half_depth", "Inner dim at which half of a tile's time is prologue and epilogue.", 1, 3000, 0.35,
            c => c.MatrixHalfDepth, (c, x) => c with { MatrixHalfDepth = x }),
        new("attention_efficiency", "Share of the dense bf16 peak that long attention reaches.", 0.05, 0.9, 0.4,
            c => c.AttentionEfficiency, (c, x) => c with { AttentionEfficiency = x }),
        new("sharded_attention_efficiency", "The same under FSDP and ZeRO-3.", 0.05, 0.9, 0.4,
            c => c.ShardedAttentionEfficiency, (c, x) => c with { ShardedAttentionEfficiency = x }),
        new("attention_half_length", "Tokens at which attention reaches half of that.", 10, 20000, 0.8,
            c => c.AttentionHalfLength, (c, x) => c with { AttentionHalfLength = x }),
        new("head_size_exponent", "Exponent of head size / 128, for smaller heads.", 0, 2, 0.8,
            c => c.HeadSizeExponent, (c, x) => c with { HeadSizeExponent = x }),
        new("memory_efficiency", "Share of memory bandwidth of elementwise work, its fusion included.", 0.05, 2, 0.4,
            c => c.MemoryEfficiency, (c, x) => c with { MemoryEfficiency = x }),
        new("cast_traffic", "Traffic of conversions to 8 bits over that of unfused kernels.", 0.01, 3, 0.8,
            c => c.CastTraffic, (c, x) => c with { CastTraffic = x }),
        new("launch", "Host time to launch one kernel.", 1e-6, 2e-4, 0.7,
            c => c.Launch.Value, (c, x) => c with { Launch = new Seconds(x) }, IsTime: true),
        new("host_delay", "Mean delay of one rank's host in a step, which waits for the longest.", 1e-4, 0.03, 0.6,
            c => c.HostDelay.Value, (c, x) => c with { HostDelay = new Seconds(x) }, IsTime: true),
    ];

    private static FittedCoefficient[] Links() =>
    [
        new("nvlink_efficiency", "Share of link bandwidth that large collectives reach inside a server.", 0.1, 1, 0.4,
            c => c.NvlinkEfficiency, (c, x) => c with { NvlinkEfficiency = x }),
        new("network_efficiency", "Share of NIC bandwidth that large collectives reach between servers.", 0.05, 1, 0.3,
            c => c.NetworkEfficiency, (c, x) => c with { NetworkEfficiency = x }),
        new("network_hop", "Time of one hop between servers beyond the switches.", 5e-7, 2e-4, 0.5,
            c => c.NetworkHop.Value, (c, x) => c with { NetworkHop = new Seconds(x) }, IsTime: true),
    ];

    private static FittedCoefficient[] Overlaps() =>
    [
        new("tensor_parallel_overlap", "Share of tensor-parallel communication that compute hides.", 0, 1, 0.3,
            c => c.TensorParallelOverlap, (c, x) => c with { TensorParallelOverlap = x }),
        new("bytes_per_gradient", "Bytes of one gradient on the wire, ZeRO-0 to 2.", 1.9, 4.1, 1,
            c => c.BytesPerGradient, (c, x) => c with { BytesPerGradient = x }),
        new("data_parallel_overlap", "Share of a pass under which ZeRO-0 to 2 hide communication.", 0, 1, 1,
            c => c.DataParallelOverlap, (c, x) => c with { DataParallelOverlap = x }),
        new("gather_overlap", "Share of a layer's compute under which ZeRO-3 hides communication.", 0, 1, 1,
            c => c.GatherOverlap, (c, x) => c with { GatherOverlap = x }),
        new("gather_calls", "Collectives that ZeRO-3 issues to gather one layer.", 0.5, 40, 0.6,
            c => c.GatherCalls, (c, x) => c with { GatherCalls = x }),
        new("prefetch_parameters", "Parameters that ZeRO-3 gathers ahead at most.", 1e7, 1e10, 0.7,
            c => c.PrefetchParameters, (c, x) => c with { PrefetchParameters = x }),
        new("expert_parallel_overlap", "Share of expert-parallel communication that compute hides.", 0, 1, 0.8,
            c => c.ExpertParallelOverlap, (c, x) => c with { ExpertParallelOverlap = x }),
        new("contention", "Share of hidden communication that slower kernels pay back.", 0, 1, 0.8,
            c => c.Contention, (c, x) => c with { Contention = x }),
    ];

    private static FittedCoefficient[] Rest() =>
    [
        new("pipeline_transfer_share", "Share of pipeline transfers that compute does not hide.", 0, 5, 0.8,
            c => c.PipelineTransferShare, (c, x) => c with { PipelineTransferShare = x }),
        new("expert_imbalance", "Tokens of the fullest expert rank over the mean.", 1, 1.6, 0.5,
            c => c.ExpertImbalance, (c, x) => c with { ExpertImbalance = x }),
        new("optimizer_efficiency", "Share of memory bandwidth that the optimizer reaches.", 0.05, 1, 0.7,
            c => c.OptimizerEfficiency, (c, x) => c with { OptimizerEfficiency = x }),
        new("straggler_sigma", "Standard deviation of one rank's step time, as a share.", 1e-4, 0.03, 0.6,
            c => c.StragglerSigma, (c, x) => c with { StragglerSigma = x }),
    ];
}
