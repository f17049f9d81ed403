using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>A machine with its GPUs, the links between them, and what else draws power in it.</summary>
public sealed record ServerSpec
{
    public required string Name { get; init; }
    public required GpuSpec Gpu { get; init; }
    public required int GpusPerServer { get; init; }

    /// <summary>From one GPU to the others of its server, in one direction.</summary>
    public required BytesPerSecond NvlinkBandwidth { get; init; }

    public required Seconds NvlinkLatency { get; init; }

    /// <summary>True where the switch adds up all-reduces itself (NVLink SHARP).</summary>
    public bool HasNvlinkReduction { get; init; }

    /// <summary>From a GPU to host memory, in one direction.</summary>
    public required BytesPerSecond PcieBandwidth { get; init; }

    public required Bytes HostMemory { get; init; }

    /// <summary>Processors, memory, NVLink switches, NICs, SSDs and conversion losses of a server without work, fans apart.</summary>
    public required Watts HostIdlePower { get; init; }

    /// <summary>The same under training load.</summary>
    public required Watts HostLoadPower { get; init; }

    /// <summary>Fans at full load; 0 with liquid cooling.</summary>
    public Watts FanPower { get; init; }

    /// <summary>What the server costs with its GPUs, network apart.</summary>
    public required Dollars Price { get; init; }

    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = new Dictionary<string, Evidence>();
    public IReadOnlyList<string> Sources { get; init; } = [];

    private static readonly BytesPerSecond MostBandwidth = new(1e15);
    private static readonly Watts MostPower = new(1e7);
    private static readonly Dollars MostPrice = new(1e9);

    /// <summary>
    /// Every reason why there is no such server, each prefixed with <paramref name="path"/>; its GPU's are not among them.
    /// </summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(GpusPerServer, "gpus_per_server", GpusPerServer);
        problems.RequirePositive(NvlinkBandwidth.Value, "nvlink_bandwidth", NvlinkBandwidth);
        problems.RequireNotNegative(NvlinkLatency.Value, "nvlink_latency", NvlinkLatency);
        problems.RequirePositive(PcieBandwidth.Value, "pcie_bandwidth", PcieBandwidth);
        problems.RequirePositive(HostMemory.Value, "host_memory", HostMemory.ToExactText());
        problems.RequireNotNegative(HostIdlePower.Value, "host_idle_power", HostIdlePower);
        problems.Require(
            HostLoadPower.Value >= HostIdlePower.Value, "host_load_power", HostLoadPower,
            $"a host under load draws no less than without work, and host_idle_power is {HostIdlePower}. Use {HostIdlePower} or more.");
        problems.RequireNotNegative(FanPower.Value, "fan_power", FanPower);
        problems.RequireNotNegative(Price.Value, "price", Price);
        problems.RequireAtMost(NvlinkBandwidth.Value, MostBandwidth.Value, "nvlink_bandwidth", NvlinkBandwidth, MostBandwidth);
        problems.RequireAtMost(PcieBandwidth.Value, MostBandwidth.Value, "pcie_bandwidth", PcieBandwidth, MostBandwidth);
        problems.RequireAtMost(HostLoadPower.Value, MostPower.Value, "host_load_power", HostLoadPower, MostPower);
        problems.RequireAtMost(FanPower.Value, MostPower.Value, "fan_power", FanPower, MostPower);
        problems.RequireAtMost(Price.Value, MostPrice.Value, "price", Price, MostPrice);
        return problems.Problems;
    }
}
