namespace Altiplano.Planning.Costs;

/// <summary>What a hardware and software stack makes of the data sheet: fitted, one set for each GPU, fabric and precision.</summary>
/// <remarks>Nothing here may depend on a model, a layout or the source of a measurement (rules of accuracy).</remarks>
public sealed record StackCoefficients
{
    /// <summary>For example <c>h100-infiniband-bf16</c>.</summary>
    public required string Name { get; init; }

    public required TimeCoefficients Time { get; init; }
    public required MemoryCoefficients Memory { get; init; }

    /// <summary>Standard deviation of the logarithm of measured over predicted step time: the width of every interval.</summary>
    public required double RelativeSigma { get; init; }

    /// <summary>Interpolated where fitted to runs on this very stack, assumed where it stands in for another.</summary>
    public Evidence Evidence { get; init; } = Evidence.Interpolated;

    /// <summary>Why <see cref="Evidence"/> is assumed, in one clause; null where it is not.</summary>
    public string? Assumption { get; init; }
}
