using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys that describe a GPU and a server.</summary>
internal static class HardwareSections
{
    public static GpuSpec BlankGpu(string name) => new()
    {
        Name = name, PeakBf16 = default, Memory = default, MemoryBandwidth = default, L2Cache = default, NumSms = 0, PowerLimit = default,
        IdlePower = default,
    };

    public static ServerSpec BlankServer(string name) => new()
    {
        Name = name, Gpu = BlankGpu(""), GpusPerServer = 0, NvlinkBandwidth = default, NvlinkLatency = default, PcieBandwidth = default,
        HostMemory = default, HostIdlePower = default, HostLoadPower = default, Price = default,
    };

    public static YamlFormat<IReadOnlyList<string>> Citations { get; } = new ListFormat<string>(new TextFormat("a citation"));

    public static Section<GpuSpec> Gpu { get; } = WithEvidence(
        new Section<GpuSpec>()
            .Add("peak_bf16", Quantities.FlopRate, g => g.PeakBf16, (g, v) => g with { PeakBf16 = v },
                "Dense peak of bf16 matrix products, without sparsity.", isRequired: true)
            .Add("peak_fp8", new OptionalFormat<FlopsPerSecond>(Quantities.FlopRate), g => g.PeakFp8,
                (g, v) => g with { PeakFp8 = v },
                "The same in fp8; left out where the part has none.")
            .Add("memory", Quantities.Memory, g => g.Memory, (g, v) => g with { Memory = v },
                "What a program sees of it.", isRequired: true)
            .Add("memory_bandwidth", Quantities.Rate, g => g.MemoryBandwidth, (g, v) => g with { MemoryBandwidth = v },
                "From and to the GPU's own memory.", isRequired: true)
            .Add("l2_cache", Quantities.Memory, g => g.L2Cache, (g, v) => g with { L2Cache = v },
                "Shared cache.", isRequired: true)
            .Add("num_sms", YamlFormats.Integer(1), g => g.NumSms, (g, v) => g with { NumSms = v },
                "Streaming multiprocessors.", isRequired: true)
            .Add("power_limit", Quantities.Power, g => g.PowerLimit, (g, v) => g with { PowerLimit = v },
                "What the GPU is allowed to draw.", isRequired: true)
            .Add("rated_power", new OptionalFormat<Watts>(Quantities.Power), g => g.RatedPower == g.PowerLimit ? null : g.RatedPower,
                (g, v) => g with { RatedPower = v ?? default }, "The limit for which the peaks are stated; power_limit unless the part is capped.")
            .Add("idle_power", Quantities.Power, g => g.IdlePower, (g, v) => g with { IdlePower = v },
                "Without work.", isRequired: true),
        BlankGpu(""), g => g.Evidence, (g, v) => g with { Evidence = v }, g => g.Sources, (g, v) => g with { Sources = v })
        .CheckEach((g, path) => g.FindProblems(path));

    public static Section<ServerSpec> Server(YamlFormat<GpuSpec> gpu) => WithEvidence(
        new Section<ServerSpec>()
            .Add("gpu", gpu, s => s.Gpu, (s, v) => s with { Gpu = v },
                "A preset of presets/gpus, a file, or a mapping.", isRequired: true)
            .Add("gpus_per_server", YamlFormats.Integer(1), s => s.GpusPerServer, (s, v) => s with { GpusPerServer = v },
                "GPUs that NVLink joins.", isRequired: true)
            .Add("nvlink_bandwidth", Quantities.Rate, s => s.NvlinkBandwidth, (s, v) => s with { NvlinkBandwidth = v },
                "From one GPU to the others, in one direction.", isRequired: true)
            .Add("nvlink_latency", Quantities.Latency, s => s.NvlinkLatency, (s, v) => s with { NvlinkLatency = v },
                "One way.", isRequired: true)
            .Add("nvlink_reduction", YamlFormats.Boolean, s => s.HasNvlinkReduction, (s, v) => s with { HasNvlinkReduction = v },
                "True where the switch adds up all-reduces (NVLink SHARP).")
            .Add("pcie_bandwidth", Quantities.Rate, s => s.PcieBandwidth, (s, v) => s with { PcieBandwidth = v },
                "From a GPU to host memory, in one direction.", isRequired: true)
            .Add("host_memory", Quantities.Memory, s => s.HostMemory, (s, v) => s with { HostMemory = v },
                "Of the whole server.", isRequired: true)
            .Add("host_idle_power", Quantities.Power, s => s.HostIdlePower, (s, v) => s with { HostIdlePower = v },
                "All but GPUs and fans, without work.", isRequired: true)
            .Add("host_load_power", Quantities.Power, s => s.HostLoadPower, (s, v) => s with { HostLoadPower = v },
                "The same under training load.", isRequired: true)
            .Add("fan_power", Quantities.Power, s => s.FanPower, (s, v) => s with { FanPower = v },
                "Fans at full load; 0W with liquid cooling.")
            .Add("price", Quantities.Money, s => s.Price, (s, v) => s with { Price = v },
                "With its GPUs, network apart.", isRequired: true),
        BlankServer(""), s => s.Evidence, (s, v) => s with { Evidence = v }, s => s.Sources, (s, v) => s with { Sources = v })
        .CheckEach((s, path) => s.FindProblems(path));

    /// <summary>Adds the two keys with which every description says what it rests on.</summary>
    /// <param name="moreKeys">What may be graded beside the section's own keys.</param>
    public static Section<T> WithEvidence<T>(
        Section<T> section, T blank, Func<T, IReadOnlyDictionary<string, Evidence>> evidence,
        Func<T, IReadOnlyDictionary<string, Evidence>, T> withEvidence, Func<T, IReadOnlyList<string>> sources,
        Func<T, IReadOnlyList<string>, T> withSources, params ReadOnlySpan<string> moreKeys)
    {
        string[] keys = [.. section.Describe("", blank).Select(key => key.Path), .. moreKeys];
        return section
            .Add("evidence", new EvidenceFormat(keys), evidence, (owner, v) => withEvidence(owner, EvidenceFormat.Merge(evidence(owner), v)),
                "What a figure rests on, by key: measured, interpolated, data_sheet (unless said) or assumed.")
            .Add("sources", Citations, sources, withSources, "Where the figures are published.");
    }
}
