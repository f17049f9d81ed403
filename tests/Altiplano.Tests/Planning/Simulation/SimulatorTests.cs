using Altiplano.Planning;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Reliability;
using CsCheck;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class SimulatorTests
{
    private static readonly StragglerRates Slow = new()
    {
        Rate = FailureRate.PerThousandServerDays(0.3), Slowdown = 0.1, Removal = Seconds.FromHours(2),
    };

    private static readonly RecoveryPolicy[] Policies = [ReliabilityCases.Peer, ReliabilityCases.Memory, ReliabilityCases.Dropping];

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

    private static Dictionary<string, SimulatedRunSpec> Cases { get; } = new()
    {
        ["one recovery time"] = Run with
        {
            Policy = ReliabilityCases.Restarting(Seconds.FromMinutes(10), new Seconds(60)),
            Interval = new Seconds(900),
        },
        ["background write"] = Run,
        ["few spares"] = Run with { Spares = 8, Policy = ReliabilityCases.Peer with { Repair = Seconds.FromHours(12) } },
        ["no spare"] = Run with { Spares = 0, Policy = ReliabilityCases.Peer with { Repair = Seconds.FromHours(2) } },
        ["12,500 servers"] = Run with { Servers = 12_500, Spares = 100, Interval = new Seconds(200) },
        ["43,750 servers"] = Run with { Servers = 43_750, Spares = 200, Interval = new Seconds(100) },
        ["memory and disk"] = Run with { Policy = ReliabilityCases.Memory, Interval = new Seconds(60) },
        ["memory and disk, 12,500 servers"] = Run with
        {
            Servers = 12_500,
            Spares = 80,
            Policy = ReliabilityCases.Memory,
            Interval = new Seconds(30),
        },
        ["dropped replicas"] = Run with { Policy = ReliabilityCases.Dropping },
        ["dropped replicas, few spares"] = Run with { Policy = ReliabilityCases.Dropping, Spares = 5 },
        ["slow servers"] = Run with { Stragglers = Slow },
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_ManySeeds_AgreesWithTheClosedForm(string name)
    {
        var result = Simulator.Run(Cases[name], firstSeed: 1, seeds: 400, threads: 2);

        (result.EffectiveTime.Mean / result.Expected.Training).ShouldBe(
            1, 0.005, $"simulated {result.EffectiveTime.Mean:0.00000} +- {result.EffectiveTime.StandardError:0.00000}, closed form {result.Expected}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_AnyNumberOfThreads_IsTheSame(string name)
    {
        var spec = Cases[name] with { Duration = Seconds.FromDays(20) };

        Text(Simulator.Run(spec, 5, 8, threads: 3)).ShouldBe(Text(Simulator.Run(spec, 5, 8, threads: 1)));
    }

    [Fact]
    public void Run_FirstSeedInTheMiddle_ContinuesTheSequence() =>
        Text(Simulator.Run(Run, 7, 1, 1)).ShouldBe(Text(Simulator.Run(Run, 1, 7, 1)).Split('\n')[6]);

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_Duration_IsSpentToTheLastSecond(string name)
    {
        var spec = Cases[name];
        foreach (var run in Simulator.Run(spec, 1, 5, 1).Runs)
        {
            run.Wall.ShouldBe(spec.Duration!.Value);
            var absent = spec.Policy.DropsReplicas || spec.Stragglers is not null;
            var known = (run.Work + run.LostWork + run.Saving + run.Recovery + run.Waiting).Value;
            // Slow servers and absent replicas cost time that belongs to none of these.
            (known <= run.Wall.Value * (1 + 1e-9)).ShouldBeTrue($"{known} s of {run.Wall}");
            if (!absent)
                known.ShouldBe(run.Wall.Value, run.Wall.Value * 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_Steps_AllAreDone(string name)
    {
        var runs = Simulator.Run(Cases[name] with { Duration = null, Steps = 100_000 }, 1, 5, 1).Runs;

        runs.ShouldAllBe(run => run.Steps == 100_000 && Math.Abs(run.Work.Value - 500_000) < 1e-3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Trace_AnySeed_IsTheRunWithItsStory(string name)
    {
        var spec = Cases[name] with { Duration = Seconds.FromDays(10) };

        var (run, timeline) = Simulator.Trace(spec, 3);
        var trace = timeline.PowerTrace(spec).ToList();

        Text([run]).ShouldBe(Text(Simulator.Run(spec, 3, 1, 1)));
        timeline.Events.Count(e => e.Kind == "failure").ShouldBe((int)run.NumFailures);
        timeline.Events.Select(e => e.Time).ShouldBeInOrder();
        trace[0].Start.Value.ShouldBe(0);
        for (var i = 1; i < trace.Count; i++)
            trace[i].Start.Value.ShouldBe((trace[i - 1].Start + trace[i - 1].Length).Value, 1e-5);
        (trace[^1].Start + trace[^1].Length).Value.ShouldBe(spec.Duration!.Value.Value, 1e-5);
        if (!spec.Policy.DropsReplicas)
            trace.Sum(sample => sample.Length.Value * sample.Megawatts * 1e6).ShouldBe(run.Energy, run.Energy * 1e-9);
    }

    [Fact]
    public void Run_WithoutFailures_OnlySaves()
    {
        var spec = Run with { Rates = ReliabilityCases.Uniform(0), Duration = null, Steps = 1000 };

        var run = Simulator.Run(spec, 1, 1, 1).Runs[0];

        // 5,000 s of work, a checkpoint of 4 s after every 400 s but not after the last step.
        run.Wall.Value.ShouldBe(5000 + (12 * 4), 1e-6);
        run.Checkpoints.ShouldBe(12);
        run.Energy.ShouldBe(((5000 * 842.0) + (48 * 350.0)) * 3072 * 8 + (5048 * 60 * 8 * 250.0), 1);
    }

    [Fact]
    public void Run_AnyRun_CountsWithinPhysicalLimits() =>
        (from servers in Gen.Int[1, 20_000]
         from perThousand in Gen.Double[0, 20]
         from interval in Gen.Double[60, 5000]
         from spares in Gen.Int[0, 100]
         from policy in Gen.Int[0, 2]
         from slow in Gen.Bool
         select Run with
         {
             Servers = servers,
             Rates = ReliabilityCases.Uniform(perThousand, 0.7),
             Interval = new Seconds(interval),
             Spares = spares,
             Policy = Policies[policy],
             Duration = Seconds.FromDays(5),
             Stragglers = slow ? Slow : null,
         }).Sample(
            spec =>
            {
                var run = Simulator.Run(spec, 1, 1, 1).Runs[0];
                return run.EffectiveTime is >= 0 and <= 1 && run.LostWork.Value >= 0 && run.Wall == spec.Duration &&
                    run.Energy >= 0 && run.Steps * spec.StepTime.Value <= run.Work.Value + 1e-3;
            },
            iter: 300, seed: "0000KOIKhKZ3", threads: 1);

    [Fact]
    public void Run_ImpossibleSpec_ListsEveryProblem() =>
        Should.Throw<ConfigException>(() => Simulator.Run(
            Run with { Servers = 0, Spares = -1, StepTime = new Seconds(0), Steps = 5, Interval = new Seconds(10) }, 1, 1, 1)).Problems.ShouldBe(
            [
                "run.servers is 0, but a run has 1 server or more.",
                "run.spares is -1, but they count servers. Use 0 or more.",
                "run.step is 0s, but a step takes time. Use more than 0s.",
                "run.steps and run.duration are both given, but one of them ends the run. Give one.",
                "run.interval is 10s, but a checkpoint comes after a whole step of 0s and after the one before it is written, which takes 1min. Use 1min or more.",
            ]);

    [Fact]
    public void Run_PolicyWithoutReplicas_SaysWhatToUse() =>
        Should.Throw<ConfigException>(() => Simulator.Run(Run with { Replicas = 1, Policy = ReliabilityCases.Dropping }, 1, 1, 1)).Problems.ShouldBe(
            ["run.replicas is 1, but dropping goes on without the replica that fails, and then none is left. Use 2 or more, or a policy that restarts all."]);

    [Fact]
    public void Run_StepsThatNeverEnd_SaysWhatWouldHelp() =>
        Should.Throw<ConfigException>(() => Simulator.Run(
            Run with { Servers = 43_750, Steps = 1000, Duration = null, Interval = Seconds.FromHours(3), Spares = 300 }, 1, 1, 1)).Problems.ShouldHaveSingleItem()
            .ShouldStartWith("run.interval is 3h with 300 spares, but then less than 0.1 % of the time trains: a failure comes every 8.23min. The best of peer is an interval of 1.");

    private static string Text(SimulationResult result) => Text(result.Runs);

    private static string Text(IEnumerable<SimulatedRun> runs) =>
        string.Join('\n', runs.Select(run => $"{run with { Failures = [] }} {string.Join(',', run.Failures)} {BitConverter.DoubleToInt64Bits(run.Energy)}"));
}
