using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>What to believe of a stack before any training run was measured on it: kernel and collective benchmarks, documented defaults.</summary>
/// <remarks>
/// Best matrix products 87 % (A100) and 80 % (H100) of peak (ml-engineering, MAMF); attention, forward and backward, of
/// FlashAttention-2 0.33 and of cuDNN about 0.5 of an H100; 235 and 370 GB/s of NVLink's 300 and 450 in an all-reduce; hops of
/// 3.4 and 14 us (NCCL, simple protocol); userbuffers that hide two thirds of tensor-parallel traffic on Hopper; DeepSpeed
/// gathers each tensor of a GPT layer by itself, 12 of them, and FSDP one buffer.
/// </remarks>
public static class PhysicalPrior
{
    /// <param name="gpu">Parts with fp8 follow the H100, those without the A100.</param>
    public static TimeCoefficients Of(GpuSpec gpu) => gpu.PeakFp8 is null ? Ampere : Hopper;

    private static TimeCoefficients Ampere { get; } = new()
    {
        MatrixEfficiency = 0.8, MatrixHalfDepth = 150, AttentionEfficiency = 0.4, ShardedAttentionEfficiency = 0.55,
        AttentionHalfLength = 2000, HeadSizeExponent = 0.5, MemoryEfficiency = 0.5, CastTraffic = 0.5, Launch = new Seconds(20e-6),
        HostDelay = new Seconds(0.005), NvlinkEfficiency = 0.78, NetworkEfficiency = 0.65,
        NetworkHop = new Seconds(14e-6), TensorParallelOverlap = 0.15, BytesPerGradient = 3, DataParallelOverlap = 0.4,
        GatherOverlap = 0.8, GatherCalls = 12, PrefetchParameters = 5e8, ExpertParallelOverlap = 0.1, Contention = 0.1,
        PipelineTransferShare = 0.4, ExpertImbalance = 1.05, OptimizerEfficiency = 0.5, StragglerSigma = 0.004,
    };

    private static TimeCoefficients Hopper { get; } = Ampere with
    {
        MatrixEfficiency = 0.71,
        MatrixHalfDepth = 250,
        AttentionEfficiency = 0.45,
        ShardedAttentionEfficiency = 0.25,
        AttentionHalfLength = 600,
        HeadSizeExponent = 0.3,
        MemoryEfficiency = 0.7,
        Launch = new Seconds(5e-6),
        HostDelay = new Seconds(0.01),
        NvlinkEfficiency = 0.75,
        NetworkEfficiency = 0.75,
        TensorParallelOverlap = 0.65,
        BytesPerGradient = 3.9,
        GatherCalls = 1.5,
        PrefetchParameters = 1e9,
        Contention = 0.15,
    };
}
