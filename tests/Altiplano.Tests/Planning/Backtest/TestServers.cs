using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Backtest;

/// <summary>Servers of eight GPUs, by the names of presets/servers: data sheet figures, prices and hosts' power left out.</summary>
internal static class TestServers
{
    public static ServerSpec Of(string preset) => preset switch
    {
        "dgx-a100-40g" => A100("a100-40g", gib: 40, memoryTbps: 1.555),
        "dgx-a100-80g" => A100("a100-80g", gib: 80, memoryTbps: 2.039),
        "hgx-h100" => Hopper("h100-sxm", gib: 80, memoryTbps: 3.35),
        "grand-teton-h100-96g-500w" => Hopper("h100-sxm-96g-500w", gib: 96, memoryTbps: 2.4, watts: 500),
        "hgx-h800" => Hopper("h800", gib: 80, memoryTbps: 3.35, nvlinkGbps: 200),
        "hgx-h200" => Hopper("h200", gib: 141, memoryTbps: 4.8),
        "hgx-b200" => Server(Gpu("b200", 2250, 4500, 180, 8.0, 126, 148, 1000), 900, hasReduction: true),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "There is no such test server."),
    };

    private static ServerSpec A100(string name, double gib, double memoryTbps) =>
        Server(Gpu(name, 312, null, gib, memoryTbps, 40, 108, 400), 300, hasReduction: false);

    private static ServerSpec Hopper(string name, double gib, double memoryTbps, double nvlinkGbps = 450, double watts = 700) =>
        Server(Gpu(name, 989, 1979, gib, memoryTbps, 50, 132, 700) with { PowerLimit = new Watts(watts), RatedPower = new Watts(700) },
            nvlinkGbps, hasReduction: true);

    private static GpuSpec Gpu(
        string name, double bf16Tflops, double? fp8Tflops, double gib, double memoryTbps, long l2Mib, int sms, double watts) =>
        new()
        {
            Name = name,
            PeakBf16 = new FlopsPerSecond(bf16Tflops * 1e12),
            PeakFp8 = fp8Tflops is { } fp8 ? new FlopsPerSecond(fp8 * 1e12) : null,
            Memory = new Bytes((long)(gib * Bytes.PerGib)),
            MemoryBandwidth = new BytesPerSecond(memoryTbps * 1e12),
            L2Cache = new Bytes(l2Mib * Bytes.PerMib),
            NumSms = sms,
            PowerLimit = new Watts(watts),
            IdlePower = new Watts(70),
        };

    private static ServerSpec Server(GpuSpec gpu, double nvlinkGbps, bool hasReduction) => new()
    {
        Name = $"8x {gpu.Name}",
        Gpu = gpu,
        GpusPerServer = 8,
        NvlinkBandwidth = new BytesPerSecond(nvlinkGbps * 1e9),
        NvlinkLatency = new Seconds(3.3e-6),
        HasNvlinkReduction = hasReduction,
        PcieBandwidth = new BytesPerSecond(55e9),
        HostMemory = new Bytes(2048L * Bytes.PerGib),
        HostIdlePower = new Watts(0),
        HostLoadPower = new Watts(0),
        Price = new Dollars(0),
    };
}
