using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>One accelerator as its maker describes it, dense rates (no sparsity).</summary>
public sealed record GpuSpec
{
    public required string Name { get; init; }
    public required FlopsPerSecond PeakBf16 { get; init; }

    /// <summary>Null where the tensor cores have no fp8.</summary>
    public FlopsPerSecond? PeakFp8 { get; init; }

    public required Bytes Memory { get; init; }
    public required BytesPerSecond MemoryBandwidth { get; init; }
    public required Bytes L2Cache { get; init; }
    public required int NumSms { get; init; }

    /// <summary>The power that the GPU is allowed to draw; a lower cap than the data sheet's lowers the clock under load.</summary>
    public required Watts PowerLimit { get; init; }

    /// <summary>The limit for which the peak rates are stated; <see cref="PowerLimit"/> unless the part is capped.</summary>
    public Watts RatedPower { get => field.Value > 0 ? field : PowerLimit; init; }

    public required Watts IdlePower { get; init; }

    /// <summary>What each figure rests on, by key; keys not named are <see cref="Evidence.DataSheet"/>.</summary>
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = new Dictionary<string, Evidence>();

    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Dense peak of matrix products in a precision; an fp8 run on a part without fp8 has bf16's.</summary>
    public FlopsPerSecond Peak(Precision precision) => precision == Precision.Fp8 && PeakFp8 is { } fp8 ? fp8 : PeakBf16;
}
