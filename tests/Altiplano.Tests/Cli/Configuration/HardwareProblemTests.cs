using Altiplano.Cli.Configuration;
using Altiplano.Planning;

namespace Altiplano.Tests.Cli.Configuration;

/// <summary>The message of every mistake that a description of machines can hold.</summary>
public sealed class HardwareProblemTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HardwareCatalog _catalog = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("num_gpus: 24570", "2:11", "num_gpus is 24570, but the cluster is made of whole servers, and grand-teton-h100 holds 8. Use 24568 or 24576.")]
    [InlineData("num_gpus: 32768", "1:1", "network.tiers[2].gpus is 24576 (aggregation), but the last tier reaches the whole cluster, and num_gpus is 32768. Use 32768, or add the tier that joins the aggregations.")]
    [InlineData("num_gpus: -8", "2:11", "num_gpus is \"-8\", but it must be a whole number, 1 or more.")]
    [InlineData("num_gps: 8", "2:1", "num_gps is not a key. Did you mean num_gpus?")]
    [InlineData("server: supercomputer", "2:9", "server is \"supercomputer\", which is neither a preset nor a file. Known presets: a100-80g-omni-path, dgx-a100-40g, dgx-a100-80g, grand-teton-h100, grand-teton-h100-96g-500w, hgx-b200, hgx-h100, hgx-h200, hgx-h800.")]
    [InlineData("server: grand-teton", "2:9", "server is \"grand-teton\", which is neither a preset nor a file. Did you mean grand-teton-h100?")]
    [InlineData("server: {preset: hgx-h101}", "2:18", "server.preset is \"hgx-h101\", but there is no such preset. Did you mean hgx-h100?")]
    [InlineData("server: {preset: hgx-h100, fan_power: 1000}", "2:39", "server.fan_power is 1000, which has no unit. Write 1000W or 1000kW.")]
    [InlineData("server: {preset: hgx-h100, fan_power: -1kW}", "2:39", "server.fan_power is -1kW, but it must be 0 or more.")]
    [InlineData("server: {preset: hgx-h100, host_load_power: 1W}", "2:45", "server.host_load_power is 1W, but a host under load draws no less than without work, and host_idle_power is 1.1kW. Use 1.1kW or more.")]
    [InlineData("server: {preset: hgx-h100, nvlink_bandwidth: 0GB/s}", "2:46", "server.nvlink_bandwidth is 0B/s, but it must be above 0.")]
    [InlineData("server: {preset: hgx-h100, nvlink_bandwidth: 450}", "2:46", "server.nvlink_bandwidth is 450, which has no unit. Write 450GB/s or 450Gb/s.")]
    [InlineData("server: {preset: hgx-h100, nvlink_latency: 3.33}", "2:44", "server.nvlink_latency is 3.33, which has no unit. Write 3.33us or 3.33ms.")]
    [InlineData("server: {preset: hgx-h100, host_memory: 2e12}", "2:41", "server.host_memory is 2e12, which has no unit. Write 2e12GiB or 2e12GB.")]
    [InlineData("server: {preset: hgx-h100, price: 250000}", "2:35", "server.price is 250000, which has no unit. Write 250000$ or 250000k$.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, power_limit: 60W}}", "2:33", "server.gpu.idle_power is 70W, but it must be less than power_limit, which is 60W.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, power_limit: 800W, rated_power: 700W}}", "2:84", "server.gpu.rated_power is 700W, but a cap only lowers the power for which the peak rates are stated, and power_limit is 800W. Use 800W or more.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, peak_fp8: 0TFLOP/s}}", "2:62", "server.gpu.peak_fp8 is 0FLOP/s, but it must be above 0.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, peak_bf16: 989}}", "2:63", "server.gpu.peak_bf16 is 989, which has no unit. Write 989TFLOP/s or 989PFLOP/s.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, evidence: {memori: assumed}}}", "2:63", "server.gpu.evidence grades memori, which is not a key. Did you mean memory?")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, evidence: {memory: guessed}}}", "2:71", "server.gpu.evidence.memory is \"guessed\", but it must be one of measured, interpolated, data_sheet, assumed.")]
    [InlineData("server: {preset: hgx-h100, fan_power: strong}", "2:39", "server.fan_power is \"strong\", but it must be a power, 0 or more, such as 700W, 10.2kW or 150MW.")]
    [InlineData("network: {kind: ethernet}", "2:17", "network.kind is \"ethernet\", but it must be one of infiniband, roce, omni_path, efa.")]
    [InlineData("network: {tiers: []}", "2:18", "network.tiers is an empty list, but it needs at least one item, each a mapping of name, gpus, oversubscription, latency, switch_power_per_gpu, optics_power_per_gpu.")]
    [InlineData("network: {tiers: [{name: rack, gpus: 4, oversubscription: 1, latency: 1us}, {name: all, gpus: 24576, oversubscription: 1, latency: 1us}]}", "2:38", "network.tiers[0].gpus is 4 (rack), but the first tier holds at least a server, grand-teton-h100 with 8 GPUs. Use 8 or more.")]
    [InlineData("network: {tiers: [{name: pod, gpus: 64, oversubscription: 1, latency: 1us}, {name: all, gpus: 64, oversubscription: 1, latency: 1us}]}", "2:95", "network.tiers[1].gpus is 64 (all), but tiers come inner to outer, and pod before it has 64 GPUs. Use 65 or more, or change the order.")]
    [InlineData("network: {tiers: [{name: pod, gpus: 64, oversubscription: 2, latency: 1us}, {name: all, gpus: 24576, oversubscription: 1, latency: 1us}]}", "2:120", "network.tiers[1].oversubscription is 1 (all), but it includes all tiers below, and pod has 2. Use 2 or more.")]
    [InlineData("network: {tiers: [{name: pod, gpus: 64, oversubscription: 1, latency: 5us}, {name: all, gpus: 24576, oversubscription: 1, latency: 1us}]}", "2:132", "network.tiers[1].latency is 1us (all), but the way over all is no shorter than over pod, which takes 5us. Use 5us or more.")]
    [InlineData("network: {tiers: [{name: all, gpus: 64, oversubscription: 1, latency: 1us}, {name: all, gpus: 24576, oversubscription: 1, latency: 1us}]}", "2:18", "network.tiers is a list with 2 tiers named all, but results go by the name of the tier. Name each differently.")]
    [InlineData("network: {tiers: [{name: all, gpus: 24576, oversubscription: 0.5, latency: 1us}]}", "2:62", "network.tiers[0].oversubscription is 0.5, but no tier carries more than what is injected below it. Use 1 (full bisection) or more.")]
    [InlineData("network: {tiers: [{name: all, gpus: 24576, oversubscription: 1}]}", "2:19", "network.tiers[0].latency is missing. It is required.")]
    [InlineData("network: {bandwidth_per_gpu: 400}", "2:30", "network.bandwidth_per_gpu is 400, which has no unit. Write 400GB/s or 400Gb/s.")]
    [InlineData("storage: {peak_bandwidth: 1TB/s}", "2:27", "storage.peak_bandwidth is 1TB/s, but the peak is no less than sustained_bandwidth, which is 2TB/s. Use 2TB/s or more.")]
    [InlineData("storage: {capacity: 0B}", "2:21", "storage.capacity is 0B, but it must be above 0.")]
    [InlineData("facility: {pue: 0.9}", "2:17", "facility.pue is 0.9, but a facility draws no less than its machines. Use 1 or more; built for such clusters, 1.08 to 1.3.")]
    [InlineData("facility: {grid_carbon: 380}", "2:25", "facility.grid_carbon is 380, which has no unit. Write 380g/kWh.")]
    [InlineData("facility: {grid_carbon: -380g/kWh}", "2:25", "facility.grid_carbon is \"-380g/kWh\", but it must be a mass of CO2 for each kWh, 0 or more, such as 380g/kWh.")]
    [InlineData("facility: {capacity: 0MW}", "2:22", "facility.capacity is 0W, but it must be above 0.")]
    [InlineData("prices: {energy_per_kwh: -0.1$}", "2:26", "prices.energy_per_kwh is -0.1$, but it must be 0 or more.")]
    [InlineData("prices: {amortisation_years: -4}", "2:30", "prices.amortisation_years is -4, but it must be above 0.")]
    [InlineData("prices: {rental_per_gpu_hour: 1e300$}", "2:31", "prices.rental_per_gpu_hour is 1.0000000000000001E+291B$, but more than 1k$ is taken for a slip. Use 1k$ or less.")]
    [InlineData("prices: {energy_per_kwh: 78$, amortisation_years: 5000}", "2:51", "prices.amortisation_years is 5000, but more than 100 is taken for a slip. Use 100 or less.")]
    [InlineData("facility: {pue: 130}", "2:17", "facility.pue is 130, but more than 10 is taken for a slip. Use 10 or less.")]
    [InlineData("facility: {grid_carbon: 380000g/kWh}", "2:25", "facility.grid_carbon is 380000g/kWh, but more than 10000g/kWh is taken for a slip. Use 10000g/kWh or less.")]
    [InlineData("server: {preset: hgx-h100, gpu: {preset: h100-sxm, power_limit: 700kW}}", "2:65", "server.gpu.power_limit is 700kW, but more than 100kW is taken for a slip. Use 100kW or less.")]
    [InlineData("reliability: llama3", "2:14", "reliability is \"llama3\", which is neither a preset nor a file. Did you mean llama3-2024?")]
    [InlineData("reliability: {}", "2:14", "reliability is a mapping, but it must be a preset of presets/reliability, or a file.")]
    [InlineData("prices: 3", "2:9", "prices must be a mapping of keys: rental_per_gpu_hour, energy_per_kwh, amortisation_years, facility_per_mw, facility_years, operations_per_gpu_hour.")]
    public void Cluster_OneMistake_IsNamedWithLineAndColumn(string line, string place, string problem) =>
        Problems($"preset: meta-24k-h100-roce\n{line}\n").ShouldBe([$"{_folder["c.yaml"]}:{place}: {problem}"]);

    [Fact]
    public void Cluster_ManyMistakes_AreReportedTogether() =>
        Problems("""
            preset: meta-24k-h100-roce
            num_gpus: many
            server: {preset: hgx-h100, fan_power: 1000, gpu: {preset: h100-sxm, num_sms: 0}}
            facility: {pue: 0.5, capacity: 0W}
            prices: {amortisation_years: 0}
            """).Count.ShouldBe(6);

    /// <summary>A unit left out does not hide a value out of range in the same mapping, and gives rise to no problem of its own.</summary>
    [Fact]
    public void Cluster_RangesBesideUnits_AreReportedTogether() =>
        Problems("""
            preset: meta-24k-h100-roce
            facility: {grid_carbon: 380, pue: 0.5}
            prices: {energy_per_kwh: 0.1, amortisation_years: 0}
            server: {preset: hgx-h100, host_idle_power: 900, host_load_power: 1W, fan_power: -1W}
            """).Select(p => p[(p.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(' ')[0]).ShouldBe(
        [
            "facility.grid_carbon", "facility.pue", "prices.energy_per_kwh", "prices.amortisation_years", "server.host_idle_power", "server.fan_power",
        ]);

    [Fact]
    public void Cluster_TierThatEndsTooSoon_AsksForTheOneAboveIt() =>
        Problems("preset: h100-8\nnum_gpus: 64\nnetwork: {tiers: [{name: leaf, gpus: 32, oversubscription: 1, latency: 1us}]}\n")
            .ShouldHaveSingleItem().ShouldEndWith("Use 64, or add the tier that joins the leaves.");

    [Fact]
    public void Cluster_PresetInAMapping_KeepsItsName()
    {
        var cluster = _catalog.Cluster(_folder.Write("c.yaml", "preset: h100-8\nserver: {preset: hgx-h100}\n"));

        (cluster.Name, cluster.Server.Name).ShouldBe(("c", "hgx-h100"));
    }

    [Fact]
    public void Cluster_WithoutPreset_NamesWhatIsMissing() =>
        Problems("num_gpus: 8\n").Select(p => p[$"{_folder["c.yaml"]}:1:1: ".Length..]).ShouldBe(
        [
            "server is missing. It is required.", "network is missing. It is required.", "storage is missing. It is required.",
            "facility is missing. It is required.", "prices is missing. It is required.", "reliability is missing. It is required.",
        ]);

    [Fact]
    public void Cluster_WithoutTiers_SaysSo() =>
        Problems("num_gpus: 8\nnetwork: {kind: roce, bandwidth_per_gpu: 1GB/s, price_per_gpu: 0$}\n")
            .ShouldContain($"{_folder["c.yaml"]}:2:10: network.tiers is missing. It is required.");

    [Fact]
    public void Cluster_List_AsksForKeys() =>
        Problems("[1]").ShouldHaveSingleItem().ShouldStartWith(
            $"{_folder["c.yaml"]}:1:1: The file must be a mapping of keys: name, num_gpus, server, network,");

    [Fact]
    public void Cluster_NameOfNothing_SuggestsThePreset() =>
        Should.Throw<ConfigException>(() => _catalog.Cluster("h100-10k")).Problems
            .ShouldBe(["--cluster is \"h100-10k\", which is neither a preset nor a file. Did you mean h100-100k?"]);

    [Fact]
    public void Gpu_NameOfNothing_SuggestsThePreset() =>
        Should.Throw<ConfigException>(() => _catalog.Gpu("h100")).Problems
            .ShouldBe(["\"h100\" is no preset of gpus. Did you mean h100-sxm?"]);

    [Fact]
    public void Cluster_ProblemInAFileThatItNames_IsReportedThere()
    {
        var server = _folder.Write("box.yaml", "preset: hgx-h100\nprice: 5\n");

        Problems("preset: h100-8\nserver: box.yaml\nnum_gpus: x\n").ShouldBe(
        [
            $"{server}:2:8: price is 5, which has no unit. Write 5$ or 5k$.",
            $"{_folder["c.yaml"]}:3:11: num_gpus is \"x\", but it must be a whole number, 1 or more.",
        ]);
    }

    private IReadOnlyList<string> Problems(string yaml) =>
        Should.Throw<ConfigException>(() => _catalog.Cluster(_folder.Write("c.yaml", yaml))).Problems;
}
