using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>The kind of network between servers; together with the GPU and the precision it chooses the coefficients.</summary>
public enum FabricKind
{
    InfiniBand,
    Roce,
    OmniPath,
    Efa,
}

/// <summary>The network between servers: what each GPU injects, and the tiers that its traffic may have to climb.</summary>
public sealed record NetworkSpec
{
    public required FabricKind Kind { get; init; }

    /// <summary>What one GPU may send while all others do, in one direction: the server's NICs shared by its GPUs.</summary>
    public required BytesPerSecond BandwidthPerGpu { get; init; }

    /// <summary>True where switches add up all-reduces (SHARP).</summary>
    public bool HasInNetworkReduction { get; init; }

    /// <summary>Inner to outer; the last one reaches the whole cluster.</summary>
    public required IReadOnlyList<NetworkTier> Tiers { get; init; }

    /// <summary>Switches and optics for each GPU; the sum over the tiers unless given. NICs are in the server's own power.</summary>
    public Watts PowerPerGpu
    {
        get => field.Value > 0 ? field : new Watts(Tiers.Sum(tier => tier.SwitchPowerPerGpu.Value + tier.OpticsPowerPerGpu.Value));
        init;
    }

    /// <summary>Switches, optics and cables for each GPU.</summary>
    public required Dollars PricePerGpu { get; init; }

    private static readonly BytesPerSecond MostBandwidth = new(1e15);
    private static readonly Dollars MostPrice = new(1e7);

    /// <summary>Every reason why there is no such network, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(BandwidthPerGpu.Value, "bandwidth_per_gpu", BandwidthPerGpu);
        problems.RequireNotNegative(PricePerGpu.Value, "price_per_gpu", PricePerGpu);
        problems.AddRange(NetworkTier.FindProblems(Tiers, problems.PathOf("tiers")));
        problems.RequireAtMost(BandwidthPerGpu.Value, MostBandwidth.Value, "bandwidth_per_gpu", BandwidthPerGpu, MostBandwidth);
        problems.RequireAtMost(PricePerGpu.Value, MostPrice.Value, "price_per_gpu", PricePerGpu, MostPrice);
        return problems.Problems;
    }
}
