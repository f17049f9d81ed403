using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Power;

/// <summary>Clusters of H100 servers for tests: the numbers of the sources, before anything of ours.</summary>
internal static class H100Clusters
{
    /// <summary>
    /// Under load MLPerf's fullest servers drew 7,378 to 7,519 W with eight GPUs at 700 W, which leaves 1,778 to 1,919 W for the rest.
    /// </summary>
    private static readonly Watts HostLoad = new(1850);

    public static GpuSpec Gpu { get; } = new()
    {
        Name = "h100-sxm",
        PeakBf16 = new FlopsPerSecond(989e12),
        PeakFp8 = new FlopsPerSecond(1979e12),
        Memory = new Bytes(80_000_000_000),
        MemoryBandwidth = new BytesPerSecond(3.35e12),
        L2Cache = new Bytes(50_000_000),
        NumSms = 132,
        PowerLimit = new Watts(700),
        IdlePower = new Watts(75),
    };

    public static ServerSpec Server { get; } = new()
    {
        Name = "hgx-h100",
        Gpu = Gpu,
        GpusPerServer = 8,
        NvlinkBandwidth = new BytesPerSecond(450e9),
        NvlinkLatency = new Seconds(3.3e-6),
        PcieBandwidth = new BytesPerSecond(55e9),
        HostMemory = new Bytes(2_000_000_000_000),
        HostIdlePower = new Watts(1200),
        HostLoadPower = HostLoad,
        FanPower = new Watts(1000),
        Price = new Dollars(300_000),
    };

    public static ServerSpec Immersed { get; } = Server with { FanPower = default };

    public static ClusterSpec Of(int gpus, ServerSpec? server = null) => new()
    {
        Name = "test",
        NumGpus = gpus,
        Server = server ?? Server,
        Network = new NetworkSpec
        {
            Kind = FabricKind.Roce,
            BandwidthPerGpu = new BytesPerSecond(50e9),
            Tiers = [new NetworkTier("site", gpus, 1, new Seconds(5e-6))],
            PowerPerGpu = new Watts(70),
            PricePerGpu = new Dollars(10_000),
        },
        Storage = new StorageSpec(new Bytes(gpus * 10_000_000_000_000L), new BytesPerSecond(2e12), new BytesPerSecond(7e12), new Watts(gpus * 30.0)),
        Facility = new FacilitySpec(1.2, new Watts(gpus * 1500.0), 380, new Watts(20)),
        Prices = new PriceSpec(new Dollars(2), new Dollars(0.078), 5, new Dollars(10_000_000), 15, new Dollars(0.2)),
        Reliability = "llama3",
    };

    /// <summary>One second of a step that computes for a share of it at a rate over the whole second.</summary>
    public static StepCost Step(double flopsPerSecond, double computeShare, double dataParallel = 0)
    {
        var time = new StepTime { Matrices = computeShare, DataParallel = dataParallel, Bubble = 1 - computeShare - dataParallel };
        return new StepCost(time, default, 0, flopsPerSecond, 0.35 * 3.35e12 * computeShare, 0.25 * 450e9, 0.1 * 50e9);
    }
}
