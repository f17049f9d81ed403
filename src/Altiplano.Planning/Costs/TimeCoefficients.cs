using Altiplano.Planning.Units;

namespace Altiplano.Planning.Costs;

/// <summary>What a stack reaches of the data sheet's rates, and what it hides: fitted to measured steps.</summary>
/// <remarks>Shares lie between 0 and 1 unless said otherwise. <c>Calibration.CoefficientTable</c> holds range and prior of each.</remarks>
public sealed record TimeCoefficients
{
    /// <summary>Share of the dense peak that a large matrix product reaches at the rated power.</summary>
    public required double MatrixEfficiency { get; init; }

    /// <summary>Inner dim of a product at which prologue and epilogue of each tile cost as much as the tile.</summary>
    public required double MatrixHalfDepth { get; init; }

    /// <summary>Share of the dense bf16 peak that attention over long sequences reaches, masked pairs not counted.</summary>
    public required double AttentionEfficiency { get; init; }

    /// <summary>The same under FSDP and ZeRO-3, which take their attention kernels from another library (<see cref="ShardedStack"/>).</summary>
    public required double ShardedAttentionEfficiency { get; init; }

    /// <summary>Sequence length at which attention reaches half of <see cref="AttentionEfficiency"/>, in tokens.</summary>
    public required double AttentionHalfLength { get; init; }

    /// <summary>Exponent of head size / 128 in the efficiency of attention, for heads smaller than that.</summary>
    public required double HeadSizeExponent { get; init; }

    /// <summary>Share of the memory bandwidth that elementwise work reaches, its fusion included: may exceed 1.</summary>
    public required double MemoryEfficiency { get; init; }

    /// <summary>Traffic of the conversions to 8 bits, over that of unfused kernels; counts in fp8 only.</summary>
    public required double CastTraffic { get; init; }

    /// <summary>Host time to launch one kernel.</summary>
    public required Seconds Launch { get; init; }

    /// <summary>Mean delay of one rank's host in a step: data, interpreter, logging, norm of the gradient; a step waits for the longest of all ranks.</summary>
    public required Seconds HostDelay { get; init; }

    /// <summary>Share of link bandwidth that large collectives reach inside a server.</summary>
    public required double NvlinkEfficiency { get; init; }

    /// <summary>Share of NIC bandwidth that large collectives reach between servers.</summary>
    public required double NetworkEfficiency { get; init; }

    /// <summary>Time of one hop of a ring between servers beyond the latency of the switches.</summary>
    public required Seconds NetworkHop { get; init; }

    /// <summary>Share of tensor-parallel communication that compute hides.</summary>
    public required double TensorParallelOverlap { get; init; }

    /// <summary>Bytes of one gradient on the wire: 2 where they are reduced in 16 bits, 4 where in 32; a mixture lies between.</summary>
    public required double BytesPerGradient { get; init; }

    /// <summary>Share of the last backward and first forward pass under which ZeRO-0, 1 and 2 hide communication.</summary>
    public required double DataParallelOverlap { get; init; }

    /// <summary>Share of a layer's compute under which ZeRO-3 hides that layer's gathers and reductions.</summary>
    public required double GatherOverlap { get; init; }

    /// <summary>Collectives that ZeRO-3 issues to gather one layer: 1 where its parameters are one buffer.</summary>
    public required double GatherCalls { get; init; }

    /// <summary>Parameters that ZeRO-3 gathers ahead at most; of a larger layer only this part is hidden.</summary>
    public required double PrefetchParameters { get; init; }

    /// <summary>Share of expert-parallel communication that compute hides.</summary>
    public required double ExpertParallelOverlap { get; init; }

    /// <summary>Share of hidden communication that compute pays back in slower kernels.</summary>
    public required double Contention { get; init; }

    /// <summary>Share of pipeline transfers that compute does not hide; may exceed 1 where sends wait for one another.</summary>
    public required double PipelineTransferShare { get; init; }

    /// <summary>Tokens of the fullest expert rank over the mean; 1 or more.</summary>
    public required double ExpertImbalance { get; init; }

    /// <summary>Share of the memory bandwidth that the optimizer reaches.</summary>
    public required double OptimizerEfficiency { get; init; }

    /// <summary>Standard deviation of one rank's step time, as a share of it.</summary>
    public required double StragglerSigma { get; init; }
}
