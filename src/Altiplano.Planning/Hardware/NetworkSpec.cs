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

    /// <summary>Switches, optics and NICs that are not in a server's own power, for each GPU.</summary>
    public required Watts PowerPerGpu { get; init; }

    /// <summary>Switches, optics and cables for each GPU.</summary>
    public required Dollars PricePerGpu { get; init; }
}

/// <summary>A level of switches.</summary>
/// <param name="Name">For example <c>rack</c>, <c>pod</c>, <c>aggregation</c>, <c>site</c>.</param>
/// <param name="Gpus">GPUs that reach one another without climbing higher.</param>
/// <param name="Oversubscription">Injection bandwidth below over bandwidth of the tier, all tiers below included; 1 is full bisection.</param>
/// <param name="Latency">Between two GPUs whose traffic turns round here, one way.</param>
public sealed record NetworkTier(string Name, int Gpus, double Oversubscription, Seconds Latency);
