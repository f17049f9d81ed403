using Altiplano.Planning.Units;

namespace Altiplano.Planning.Costs;

/// <summary>What a stack reaches of the data sheet's rates, and what it hides.</summary>
public sealed record TimeCoefficients
{
    /// <summary>Share of the dense peak that a large matrix product reaches, power limit included.</summary>
    public required double MatrixEfficiency { get; init; }

    /// <summary>Share of the dense bf16 peak that causal attention reaches, its own causal operations counted.</summary>
    public required double AttentionEfficiency { get; init; }

    /// <summary>Share of the memory bandwidth that elementwise work reaches.</summary>
    public required double MemoryEfficiency { get; init; }

    /// <summary>Host time to launch one kernel.</summary>
    public required Seconds Launch { get; init; }

    /// <summary>Shares of link bandwidth that large collectives reach inside and between servers.</summary>
    public required double NvlinkEfficiency { get; init; }
    public required double NetworkEfficiency { get; init; }

    /// <summary>Share of tensor-parallel communication that compute hides.</summary>
    public required double TensorParallelOverlap { get; init; }

    /// <summary>Share of data-parallel communication that compute may hide at most.</summary>
    public required double DataParallelOverlap { get; init; }

    /// <summary>Standard deviation of one rank's step time, as a share of it.</summary>
    public required double StragglerSigma { get; init; }
}
