using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys that describe a cluster.</summary>
internal static class ClusterSection
{
    public static ClusterSpec Blank(string name) => new()
    {
        Name = name, NumGpus = 0, Server = HardwareSections.BlankServer(""), Reliability = "",
        Network = new NetworkSpec { Kind = FabricKind.InfiniBand, BandwidthPerGpu = default, Tiers = [], PricePerGpu = default },
        Storage = new StorageSpec(default, default, default, default),
        Facility = new FacilitySpec(0, default, 0, default),
        Prices = new PriceSpec(default, default, 0, default, 0, default),
    };

    public static ScalarFormat<FabricKind> Fabric { get; } = YamlFormats.OneOf(
        ("infiniband", FabricKind.InfiniBand), ("roce", FabricKind.Roce), ("omni_path", FabricKind.OmniPath), ("efa", FabricKind.Efa));

    private static NetworkTier BlankTier { get; } = new("", 0, 0, default);

    private static YamlFormat<double> AnyNumber => YamlFormats.Number("a number", _ => true);

    private static Section<NetworkTier> Tier { get; } = new Section<NetworkTier>()
        .Add("name", new TextFormat("a name"), t => t.Name, (t, v) => t with { Name = v },
            "rack, pod, site ...", isRequired: true)
        .Add("gpus", YamlFormats.Integer(1), t => t.Gpus, (t, v) => t with { Gpus = v },
            "GPUs that reach one another without climbing higher.", isRequired: true)
        .Add("oversubscription", AnyNumber, t => t.Oversubscription, (t, v) => t with { Oversubscription = v },
            "Injection bandwidth below over bandwidth of the tier, all tiers below included.", isRequired: true)
        .Add("latency", Quantities.Latency, t => t.Latency, (t, v) => t with { Latency = v },
            "Between two GPUs whose traffic turns round here, one way.", isRequired: true)
        .Add("switch_power_per_gpu", Quantities.Power, t => t.SwitchPowerPerGpu, (t, v) => t with { SwitchPowerPerGpu = v },
            "The tier's switches.")
        .Add("optics_power_per_gpu", Quantities.Power, t => t.OpticsPowerPerGpu, (t, v) => t with { OpticsPowerPerGpu = v },
            "Both ends of the links that lead up to the tier.");

    private static Section<NetworkSpec> Network { get; } = new Section<NetworkSpec>()
        .Add("kind", Fabric, n => n.Kind, (n, v) => n with { Kind = v }, "The fabric between servers.", isRequired: true)
        .Add("bandwidth_per_gpu", Quantities.Rate, n => n.BandwidthPerGpu, (n, v) => n with { BandwidthPerGpu = v },
            "What one GPU may send while all others do, in one direction.", isRequired: true)
        .Add("in_network_reduction", YamlFormats.Boolean, n => n.HasInNetworkReduction,
            (n, v) => n with { HasInNetworkReduction = v },
            "True where switches add up all-reduces (SHARP).")
        .Add("tiers", new ListFormat<NetworkTier>(new SectionFormat<NetworkTier>(Tier, BlankTier)),
            n => n.Tiers, (n, v) => n with { Tiers = v }, "Inner to outer; the last one reaches the whole cluster.", isRequired: true)
        .Add("price_per_gpu", Quantities.Money, n => n.PricePerGpu, (n, v) => n with { PricePerGpu = v },
            "Switches, optics and cables for each GPU.", isRequired: true)
        .CheckEach((n, path) => n.FindProblems(path));

    private static Section<StorageSpec> Storage { get; } = new Section<StorageSpec>()
        .Add("capacity", Quantities.Memory, s => s.Capacity, (s, v) => s with { Capacity = v }, "Usable bytes.", isRequired: true)
        .Add("sustained_bandwidth", Quantities.Rate, s => s.SustainedBandwidth, (s, v) => s with { SustainedBandwidth = v },
            "Of the whole cluster, writing.", isRequired: true)
        .Add("peak_bandwidth", Quantities.Rate, s => s.PeakBandwidth, (s, v) => s with { PeakBandwidth = v },
            "The same for a short time.", isRequired: true)
        .Add("power", Quantities.Power, s => s.Power, (s, v) => s with { Power = v }, "Of all storage servers.", isRequired: true)
        .CheckEach((s, path) => s.FindProblems(path));

    private static Section<FacilitySpec> Facility { get; } = new Section<FacilitySpec>()
        .Add("pue", AnyNumber, f => f.Pue, (f, v) => f with { Pue = v }, "Facility power over IT power.", isRequired: true)
        .Add("capacity", Quantities.Power, f => f.Capacity, (f, v) => f with { Capacity = v },
            "The most at the meter.", isRequired: true)
        .Add("grid_carbon", Quantities.Carbon, f => f.GridCarbon, (f, v) => f with { GridCarbon = v },
            "CO2 equivalent of a kWh, by location.", isRequired: true)
        .Add("other_it_per_gpu", Quantities.Power, f => f.OtherItPerGpu, (f, v) => f with { OtherItPerGpu = v },
            "Management and login servers.", isRequired: true)
        .CheckEach((f, path) => f.FindProblems(path));

    private static Section<PriceSpec> Prices { get; } = new Section<PriceSpec>()
        .Add("rental_per_gpu_hour", Quantities.Money, p => p.RentalPerGpuHour, (p, v) => p with { RentalPerGpuHour = v },
            "A GPU-hour rented.", isRequired: true)
        .Add("energy_per_kwh", Quantities.Money, p => p.EnergyPerKwh, (p, v) => p with { EnergyPerKwh = v },
            "At the meter.", isRequired: true)
        .Add("amortisation_years", AnyNumber, p => p.AmortisationYears, (p, v) => p with { AmortisationYears = v },
            "Over which servers and network are paid.", isRequired: true)
        .Add("facility_per_mw", Quantities.Money, p => p.FacilityPerMw, (p, v) => p with { FacilityPerMw = v },
            "Building and power chain for each MW of IT.", isRequired: true)
        .Add("facility_years", AnyNumber, p => p.FacilityYears, (p, v) => p with { FacilityYears = v },
            "Over which the building is paid.", isRequired: true)
        .Add("operations_per_gpu_hour", Quantities.Money, p => p.OperationsPerGpuHour,
            (p, v) => p with { OperationsPerGpuHour = v },
            "Staff, spares, maintenance.", isRequired: true)
        .CheckEach((p, path) => p.FindProblems(path));

    /// <summary>The keys of one tier, for the reference.</summary>
    public static IEnumerable<KeyDescription> DescribeTier() => Tier.Describe("", BlankTier);

    public static Section<ClusterSpec> Keys(YamlFormat<ServerSpec> server, YamlFormat<string> reliability) => HardwareSections.WithEvidence(
        new Section<ClusterSpec>()
            .Add("num_gpus", YamlFormats.Integer(1), c => c.NumGpus, (c, v) => c with { NumGpus = v },
                "GPUs of all servers.", isRequired: true)
            .Add("server", server, c => c.Server, (c, v) => c with { Server = v },
                "A preset of presets/servers, a file, or a mapping.", isRequired: true)
            .Add("network", Network, c => c.Network, (c, v) => c with { Network = v }, isRequired: true)
            .Add("storage", Storage, c => c.Storage, (c, v) => c with { Storage = v }, isRequired: true)
            .Add("facility", Facility, c => c.Facility, (c, v) => c with { Facility = v }, isRequired: true)
            .Add("prices", Prices, c => c.Prices, (c, v) => c with { Prices = v }, isRequired: true)
            .Add("reliability", reliability, c => c.Reliability, (c, v) => c with { Reliability = v },
                "Failure rates and recovery times.", isRequired: true),
        Blank(""), c => c.Evidence, (c, v) => c with { Evidence = v }, c => c.Sources, (c, v) => c with { Sources = v },
        [.. Tier.KeyNames.Select(key => $"network.tiers.{key}")])
        .CheckEach((c, path) => c.FindProblems(path));
}
