using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class HardwareCatalogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HardwareCatalog _catalog = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Gpus => [.. new HardwareCatalog(PresetFolder.Shipped()).Gpus.PresetNames];

    public static TheoryData<string> Servers => [.. new HardwareCatalog(PresetFolder.Shipped()).Servers.PresetNames];

    public static TheoryData<string> Clusters => [.. new HardwareCatalog(PresetFolder.Shipped()).Clusters.PresetNames];

    [Theory]
    [MemberData(nameof(Gpus))]
    public void Gpu_EveryPreset_IsReadAndHasSources(string name)
    {
        var gpu = _catalog.Gpu(name);

        gpu.Name.ShouldBe(name);
        gpu.Sources.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Server_EveryPreset_IsReadAndHasSources(string name)
    {
        var server = _catalog.Server(name);

        server.Name.ShouldBe(name);
        server.Sources.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public void Cluster_EveryPreset_IsReadAndHasSources(string name)
    {
        var cluster = _catalog.Cluster(name);

        cluster.Name.ShouldBe(name);
        cluster.Sources.ShouldNotBeEmpty();
        cluster.Network.PowerPerGpu.ShouldBe(
            new Watts(cluster.Network.Tiers.Sum(tier => tier.SwitchPowerPerGpu.Value + tier.OpticsPowerPerGpu.Value)));
    }

    [Fact]
    public void PresetNames_Shipped_AreThoseOfTheDocument()
    {
        Gpus.Count.ShouldBe(8);
        Servers.Count.ShouldBe(9);
        Clusters.Count.ShouldBe(8);
    }

    [Fact]
    public void Gpu_CappedPart_KeepsThePowerOfItsPeaks()
    {
        var gpu = _catalog.Gpu("h100-sxm-96g-500w");

        gpu.PowerLimit.ShouldBe(new Watts(500));
        gpu.RatedPower.ShouldBe(new Watts(700));
        gpu.MemoryBandwidth.ShouldBe(new BytesPerSecond(2.4e12));
        gpu.Peak(Precision.Bf16).ShouldBe(new FlopsPerSecond(989.4e12));
    }

    /// <summary>arXiv:2407.21783 §3.3.1: pods of 3,072 GPUs with full bisection, eight of them at 1:7.</summary>
    [Theory]
    [InlineData("meta-24k-h100-roce", FabricKind.Roce)]
    [InlineData("meta-24k-h100-ib", FabricKind.InfiniBand)]
    public void Cluster_AsMetaBuiltIt_HasItsPods(string name, FabricKind kind)
    {
        var cluster = _catalog.Cluster(name);

        cluster.NumGpus.ShouldBe(24_576);
        cluster.NumServers.ShouldBe(3_072);
        cluster.Network.Kind.ShouldBe(kind);
        cluster.Network.BandwidthPerGpu.ShouldBe(new BytesPerSecond(50e9));
        cluster.Network.Tiers.Select(tier => (tier.Gpus, tier.Oversubscription)).ShouldBe([(16, 1), (3_072, 1), (24_576, 7)]);
        cluster.Storage.SustainedBandwidth.ShouldBe(new BytesPerSecond(2e12));
    }

    /// <summary>DGX H100 draws at most 8.4 kW in training, of 10.2 kW rated.</summary>
    [Fact]
    public void Server_Hgx_DrawsWhatIsSeenAtMost()
    {
        var server = _catalog.Server("hgx-h100");

        (server.GpusPerServer * server.Gpu.PowerLimit.Value + server.HostLoadPower.Value + server.FanPower.Value).ShouldBe(8_400);
    }

    [Fact]
    public void Cluster_FigureWithoutSource_IsGraded() =>
        _catalog.Cluster("h100-100k").Evidence["network.tiers.gpus"].ShouldBe(Evidence.Assumed);

    [Fact]
    public void Cluster_FileThatStartsFromAPreset_ChangesWhatItSays()
    {
        var file = _folder.Write("mine.yaml", """
            preset: meta-24k-h100-roce
            num_gpus: 2048
            server: {preset: grand-teton-h100, gpu: h100-sxm-500w}
            facility: {pue: 1.3}
            evidence: {facility.pue: measured}
            """);

        var cluster = _catalog.Cluster(file);

        cluster.Name.ShouldBe("mine");
        cluster.NumGpus.ShouldBe(2048);
        cluster.Gpu.PowerLimit.ShouldBe(new Watts(500));
        cluster.Server.HostLoadPower.ShouldBe(new Watts(1800));
        cluster.Facility.Pue.ShouldBe(1.3);
        cluster.Facility.Capacity.ShouldBe(new Watts(40e6));
        cluster.Evidence["facility.pue"].ShouldBe(Evidence.Measured);
        cluster.Evidence["facility.capacity"].ShouldBe(Evidence.Assumed);
    }

    [Fact]
    public void Cluster_FileThatDescribesAll_IsReadWithFilesBesideIt()
    {
        _folder.Write("machines/box.yaml", "preset: hgx-h100\nhost_memory: 1TiB\n");
        var file = _folder.Write("machines/own.yaml", """
            name: attic
            num_gpus: 16
            server: box.yaml
            network:
              kind: efa
              bandwidth_per_gpu: 400Gb/s
              tiers: [{name: switch, gpus: 16, oversubscription: 1, latency: 12us}]
              price_per_gpu: 1k$
            storage: {capacity: 10TB, sustained_bandwidth: 5GB/s, peak_bandwidth: 5GB/s, power: 100W}
            facility: {pue: 1.5, capacity: 30kW, grid_carbon: 57.5g/kWh, other_it_per_gpu: 0W}
            prices: {rental_per_gpu_hour: 2$, energy_per_kwh: 0.2$, amortisation_years: 3, facility_per_mw: 0$, facility_years: 10,
              operations_per_gpu_hour: 0.1$}
            reliability: llama3-2024
            """);

        var cluster = _catalog.Cluster(file);

        cluster.Name.ShouldBe("attic");
        cluster.Server.Name.ShouldBe("box");
        cluster.Server.HostMemory.ShouldBe(new Bytes(1L << 40));
        cluster.Network.Kind.ShouldBe(FabricKind.Efa);
        cluster.Facility.GridCarbon.ShouldBe(57.5);
        cluster.Network.PowerPerGpu.ShouldBe(default);
    }
}
