using Altiplano.Training.Measuring.Power;

namespace Altiplano.Tests.Training.Measuring.Power;

public sealed class RaplCountersTests : IDisposable
{
    private readonly TempFolder _sys = new();

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void ReadJoules_PackagesAndMemory_AddsWhatTheyUsed()
    {
        Zone("intel-rapl:0", "package-0", 1_000_000);
        Zone("intel-rapl:1", "package-1", 5_000_000);
        Zone("intel-rapl:0:0", "core", 500_000);
        Zone("intel-rapl:0:1", "dram", 100_000);
        var counters = RaplCounters.Find(_sys.Root)!;

        Zone("intel-rapl:0", "package-0", 4_000_000);
        Zone("intel-rapl:1", "package-1", 7_000_000);
        Zone("intel-rapl:0:0", "core", 3_000_000);
        Zone("intel-rapl:0:1", "dram", 600_000);

        counters.ReadJoules().ShouldBe(3 + 2 + 0.5, 1e-9);
        counters.ReadJoules().ShouldBe(0);
    }

    [Fact]
    public void ReadJoules_CounterThatTurnedOver_CountsOnFromZero()
    {
        Zone("intel-rapl:0", "package-0", 9_500_000);
        var counters = RaplCounters.Find(_sys.Root)!;

        Zone("intel-rapl:0", "package-0", 250_000);

        counters.ReadJoules().ShouldBe(0.5 + 0.25, 1e-9);
    }

    [Fact]
    public void Find_NoFolderOrNoPackage_IsNull()
    {
        RaplCounters.Find(_sys["powercap"]).ShouldBeNull();
        Zone("intel-rapl:0:0", "core", 1);
        RaplCounters.Find(_sys.Root).ShouldBeNull();
    }

    /// <summary>Kernels of late let only root read the counter, which then is as good as absent.</summary>
    [Fact]
    public void Find_CounterThatCannotBeRead_IsNull()
    {
        _sys.Write("intel-rapl:0/name", "package-0\n");
        _sys.Write("intel-rapl:0/max_energy_range_uj", "10000000\n");

        RaplCounters.Find(_sys.Root).ShouldBeNull();
    }

    private void Zone(string folder, string name, long microjoules)
    {
        _sys.Write($"{folder}/name", name + "\n");
        _sys.Write($"{folder}/energy_uj", $"{microjoules}\n");
        _sys.Write($"{folder}/max_energy_range_uj", "10000000\n");
    }
}
