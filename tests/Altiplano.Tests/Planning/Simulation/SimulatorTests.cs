using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Reliability;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class SimulatorTests
{
    private static SimulatedRunSpec Run { get; } = new()
    {
        StepTime = new Seconds(5),
        Duration = Seconds.FromDays(100),
        Servers = 3072,
        GpusPerServer = 8,
        Replicas = 32,
        Spares = 60,
        Rates = ReliabilityCases.Mixed,
        Policy = ReliabilityCases.Peer,
        Interval = new Seconds(400),
    };

    public static TheoryData<string, SimulatedRunSpec> Runs => new()
    {
        { "one recovery time", Run with { Policy = ReliabilityCases.Restarting(Seconds.FromMinutes(10), new Seconds(60)), Interval = new Seconds(900) } },
        { "background write", Run },
        { "few spares", Run with { Spares = 8 } },
        { "no spare", Run with { Spares = 0, Policy = ReliabilityCases.Peer with { Repair = Seconds.FromHours(2) } } },
        { "12,500 servers", Run with { Servers = 12_500, Spares = 100, Interval = new Seconds(200) } },
        { "43,750 servers", Run with { Servers = 43_750, Spares = 200, Interval = new Seconds(100) } },
        { "memory and disk", Run with { Policy = ReliabilityCases.Memory, Interval = new Seconds(60) } },
        { "memory and disk, 12,500 servers", Run with { Servers = 12_500, Spares = 80, Policy = ReliabilityCases.Memory, Interval = new Seconds(30) } },
        { "dropped replicas", Run with { Policy = ReliabilityCases.Dropping } },
        { "dropped replicas, few spares", Run with { Policy = ReliabilityCases.Dropping, Spares = 5 } },
        {
            "slow servers", Run with
            {
                Stragglers = new StragglerRates
                {
                    Rate = FailureRate.PerThousandServerDays(0.3), Slowdown = 0.1, Removal = Seconds.FromHours(2),
                },
            }
        },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Run_ManySeeds_AgreesWithTheClosedForm(string name, SimulatedRunSpec spec)
    {
        var result = Simulator.Run(spec, firstSeed: 1, seeds: 100, threads: 2);

        var (simulated, expected) = (result.EffectiveTime, result.Expected.Training);
        Console.WriteLine($"{name}: {simulated.Mean:0.00000} +- {simulated.StandardError:0.00000}, closed form {expected:0.00000}, {result.Expected}");
        (simulated.Mean / expected).ShouldBe(1, 0.005, name);
    }
}
