using Altiplano.Planning;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Machines;

/// <summary>Machines of round numbers.</summary>
internal static class TestMachines
{
    public static RankCosts One { get; } = new()
    {
        Ranks = 1, Threads = 2, Transport = RankCosts.NoTransport, Precision = Precision.Fp32, Peak = new FlopsPerSecond(100e9),
        MemoryBandwidth = new BytesPerSecond(10e9), ProcessMemory = new Bytes(100 * Bytes.PerMib), Holes = 2, PerStep = new Seconds(0.001),
        PerCall = new Seconds(1e-5), Spread = 0.01, Operators = [new OperatorCost("mm", 100, 10, 1), new OperatorCost("adamw", 0, 0, 50)],
    };

    public static RankCosts Two { get; } = One with
    {
        Ranks = 2,
        Threads = 1,
        Transport = RankCosts.Mpi,
        Collectives = [new CollectiveCost("all-gather", 50, 200)],
        Exposures = [new AxisExposure("dp_shard", 0.5)],
    };

    public static MachineSpec Machine { get; } = new()
    {
        Name = "desk", Cpu = "Test CPU", Cores = 2, Memory = new Bytes(8 * Bytes.PerGib), MeasuredAt = "2026-11-24T15:00:00Z", LibtorchVersion = "2.10.0",
        Ranks = [One, Two],
    };

    public static StepWork Work { get; } = new()
    {
        Operators = [new OperatorWork("mm", 10, 2e9, 1e9), new OperatorWork("adamw", 2, 0, 1e9)],
        PeakTensors = new Bytes(50 * Bytes.PerMib), LargestTensor = new Bytes(10 * Bytes.PerMib),
    };
}
