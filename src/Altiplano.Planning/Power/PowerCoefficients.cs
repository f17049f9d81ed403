namespace Altiplano.Planning.Power;

/// <summary>
/// How a GPU's draw between idle and its limit follows from what it does, and how the power chain answers: the same for every
/// GPU, since all are shares of what the descriptions state.
/// </summary>
/// <remarks>
/// Anchors. A GPU that runs the best measured matrix product stands at its limit, so <see cref="Active"/> and
/// <see cref="Matrix"/> add up to 1. Mean of 842 to 856 W of server power for each H100 of MLPerf v4.0 (512 GPUs, GPT-3 175B in
/// fp8, immersion cooled) fixes <see cref="Active"/>. Choukse et al. 2025 (arXiv:2508.14318): near the limit while computing, near
/// idle while communicating, swings at 0.2 to 3 Hz.
/// </remarks>
public sealed record PowerCoefficients
{
    /// <summary>Share of idle-to-limit that clocked, issuing processors draw whatever they compute.</summary>
    public double Active { get; init; } = 0.5;

    /// <summary>Share that tensor cores add at the rate of the best measured product.</summary>
    public double Matrix => 1 - Active;

    /// <summary>Share that device memory adds at its full bandwidth.</summary>
    public double Memory { get; init; } = 0.25;

    /// <summary>Share that NVLink and the PCIe link to the NIC add at their full bandwidth.</summary>
    public double Links { get; init; } = 0.08;

    /// <summary>Share that a GPU draws which spins in a collective or waits for another stage.</summary>
    public double Waiting { get; init; } = 0.2;

    /// <summary>Share that a GPU draws whose process is alive and computes nothing: a blocking checkpoint.</summary>
    public double Paused { get; init; } = 0.06;

    /// <summary>Share of the dense peak that the best product sustains in bf16 and wider.</summary>
    /// <remarks>794.5 of 989 TFLOP/s on an H100 SXM (ml-engineering, MAMF finder).</remarks>
    public double SustainedBf16 { get; init; } = 0.803;

    /// <summary>The same in fp8: 1,402.6 of 1,979 TFLOP/s on an H100 SXM.</summary>
    public double SustainedFp8 { get; init; } = 0.709;

    /// <summary>How the sustained rate follows the power limit: rate ~ limit to this power, since power ~ clock · voltage².</summary>
    public double ClockExponent { get; init; } = 1.0 / 3;

    /// <summary>Share of IT power lost between the meter and the servers: transformers, UPS, busbars; the rest of a PUE is cooling.</summary>
    public double Distribution { get; init; } = 0.04;

    /// <summary>Seconds in which the draw of all GPUs rises or falls: their capacitors and firmware, not the grid.</summary>
    public double RampSeconds { get; init; } = 0.1;
}
