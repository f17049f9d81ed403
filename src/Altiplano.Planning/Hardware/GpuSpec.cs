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

    private static readonly FlopsPerSecond MostRate = new(1e18);
    private static readonly BytesPerSecond MostBandwidth = new(1e15);
    private static readonly Watts MostPower = new(1e5);

    /// <summary>Every reason why there is no such part, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(PeakBf16.Value, "peak_bf16", PeakBf16.ToExactText());
        if (PeakFp8 is { } fp8)
            problems.RequirePositive(fp8.Value, "peak_fp8", fp8.ToExactText());
        problems.RequirePositive(Memory.Value, "memory", Memory.ToExactText());
        problems.RequirePositive(MemoryBandwidth.Value, "memory_bandwidth", MemoryBandwidth);
        problems.RequirePositive(L2Cache.Value, "l2_cache", L2Cache.ToExactText());
        problems.RequirePositive(NumSms, "num_sms", NumSms);
        problems.RequirePositive(PowerLimit.Value, "power_limit", PowerLimit);
        problems.RequireNotNegative(IdlePower.Value, "idle_power", IdlePower);
        problems.Require(
            IdlePower.Value < PowerLimit.Value, "idle_power", IdlePower, $"it must be less than power_limit, which is {PowerLimit}.");
        problems.Require(
            RatedPower.Value >= PowerLimit.Value, "rated_power", RatedPower,
            $"a cap only lowers the power for which the peak rates are stated, and power_limit is {PowerLimit}. Use {PowerLimit} or more.");
        problems.RequireAtMost(PeakBf16.Value, MostRate.Value, "peak_bf16", PeakBf16.ToExactText(), MostRate.ToExactText());
        problems.RequireAtMost(PeakFp8?.Value ?? 0, MostRate.Value, "peak_fp8", (PeakFp8 ?? default).ToExactText(), MostRate.ToExactText());
        problems.RequireAtMost(MemoryBandwidth.Value, MostBandwidth.Value, "memory_bandwidth", MemoryBandwidth, MostBandwidth);
        problems.RequireAtMost(PowerLimit.Value, MostPower.Value, "power_limit", PowerLimit, MostPower);
        return problems.Problems;
    }
}
