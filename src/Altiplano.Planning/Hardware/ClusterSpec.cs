using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>Everything that a plan needs to know about the machines of one owner.</summary>
public sealed record ClusterSpec
{
    public required string Name { get; init; }
    public required int NumGpus { get; init; }
    public required ServerSpec Server { get; init; }
    public required NetworkSpec Network { get; init; }
    public required StorageSpec Storage { get; init; }
    public required FacilitySpec Facility { get; init; }
    public required PriceSpec Prices { get; init; }

    /// <summary>The name of a set of failure rates and recovery times: a file of <c>presets/reliability</c>.</summary>
    public required string Reliability { get; init; }

    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = new Dictionary<string, Evidence>();
    public IReadOnlyList<string> Sources { get; init; } = [];

    public GpuSpec Gpu => Server.Gpu;
    public int NumServers => NumGpus / Server.GpusPerServer;
}

/// <summary>Where checkpoints and data lie.</summary>
/// <param name="Capacity">Usable bytes.</param>
/// <param name="SustainedBandwidth">Of the whole cluster, writing.</param>
/// <param name="PeakBandwidth">Of the whole cluster for a short time.</param>
/// <param name="Power">Of all storage servers.</param>
public sealed record StorageSpec(Bytes Capacity, BytesPerSecond SustainedBandwidth, BytesPerSecond PeakBandwidth, Watts Power);

/// <summary>The power chain from the grid to the racks.</summary>
/// <param name="Pue">Facility power over IT power, averaged over a year.</param>
/// <param name="Capacity">The most that the site may draw at the meter.</param>
/// <param name="GridCarbon">Grams of CO2 equivalent for each kWh, by location.</param>
/// <param name="OtherItPerGpu">Management and login servers for each GPU.</param>
public sealed record FacilitySpec(double Pue, Watts Capacity, double GridCarbon, Watts OtherItPerGpu);

/// <summary>What things cost; capital is spread over <paramref name="AmortisationYears"/>.</summary>
/// <param name="RentalPerGpuHour">What a GPU-hour costs to rent.</param>
/// <param name="EnergyPerKwh">At the meter.</param>
/// <param name="FacilityPerMw">Building and power chain for each MW of IT, spread over <paramref name="FacilityYears"/>.</param>
/// <param name="OperationsPerGpuHour">Staff, spares, maintenance.</param>
public sealed record PriceSpec(
    Dollars RentalPerGpuHour, Dollars EnergyPerKwh, double AmortisationYears, Dollars FacilityPerMw, double FacilityYears,
    Dollars OperationsPerGpuHour);
