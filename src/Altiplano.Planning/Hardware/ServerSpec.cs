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
}
