using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Backtest;

/// <summary>The network between servers as far as a source's words tell it.</summary>
public sealed record PublishedFabric
{
    private const int LeafGpus = 256;

    public required FabricKind Kind { get; init; }

    /// <summary>In one direction.</summary>
    public required BytesPerSecond BandwidthPerGpu { get; init; }

    public bool HasInNetworkReduction { get; init; }

    /// <summary>GPUs with full bandwidth among them; 0 where nothing was said.</summary>
    public int PodGpus { get; init; }

    /// <summary>Between pods; 1 is full bisection.</summary>
    public double Oversubscription { get; init; } = 1;

    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>Why the text cannot be meant; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The network of a cluster of so many GPUs; power and price are 0, since a backtest asks for neither.</summary>
    public NetworkSpec Describe(int numGpus) => new()
    {
        Kind = Kind,
        BandwidthPerGpu = BandwidthPerGpu,
        HasInNetworkReduction = HasInNetworkReduction,
        Tiers = [.. Tiers(numGpus)],
        PowerPerGpu = new Watts(0),
        PricePerGpu = new Dollars(0),
    };

    /// <remarks>Latencies: 64-byte messages under one leaf and across leaves (DeepSeek-AI 2025, arXiv:2505.09343, table 5).</remarks>
    private IEnumerable<NetworkTier> Tiers(int numGpus)
    {
        var isEthernet = Kind is FabricKind.Roce or FabricKind.Efa;
        var across = new Seconds(isEthernet ? 5.6e-6 : 3.7e-6);
        yield return new NetworkTier("leaf", Math.Min(LeafGpus, numGpus), 1, new Seconds(isEthernet ? 3.6e-6 : 2.8e-6));
        var pod = PodGpus > LeafGpus && Oversubscription > 1 ? Math.Min(PodGpus, numGpus) : numGpus;
        if (pod > LeafGpus)
            yield return new NetworkTier("pod", pod, 1, across);
        if (numGpus > pod)
            yield return new NetworkTier("cluster", numGpus, Oversubscription, across);
    }
}
