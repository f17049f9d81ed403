using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>Where checkpoints and data lie.</summary>
/// <param name="Capacity">Usable bytes.</param>
/// <param name="SustainedBandwidth">Of the whole cluster, writing.</param>
/// <param name="PeakBandwidth">Of the whole cluster for a short time.</param>
/// <param name="Power">Of all storage servers.</param>
public sealed record StorageSpec(Bytes Capacity, BytesPerSecond SustainedBandwidth, BytesPerSecond PeakBandwidth, Watts Power)
{
    private static readonly BytesPerSecond MostBandwidth = new(1e18);
    private static readonly Watts MostPower = new(1e11);

    /// <summary>Every reason why there is no such storage, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(Capacity.Value, "capacity", Capacity.ToExactText());
        problems.RequirePositive(SustainedBandwidth.Value, "sustained_bandwidth", SustainedBandwidth);
        problems.Require(
            PeakBandwidth.Value >= SustainedBandwidth.Value, "peak_bandwidth", PeakBandwidth,
            $"the peak is no less than sustained_bandwidth, which is {SustainedBandwidth}. Use {SustainedBandwidth} or more.");
        problems.RequireNotNegative(Power.Value, "power", Power);
        problems.RequireAtMost(SustainedBandwidth.Value, MostBandwidth.Value, "sustained_bandwidth", SustainedBandwidth, MostBandwidth);
        problems.RequireAtMost(PeakBandwidth.Value, MostBandwidth.Value, "peak_bandwidth", PeakBandwidth, MostBandwidth);
        problems.RequireAtMost(Power.Value, MostPower.Value, "power", Power, MostPower);
        return problems.Problems;
    }
}
