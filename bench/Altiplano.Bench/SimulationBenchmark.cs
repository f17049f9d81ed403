using System.Diagnostics;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Bench;

/// <summary>1,000 seeds of a 100-day run on 350,000 GPUs, and the closed form of the same run.</summary>
internal static class SimulationBenchmark
{
    private const int Seeds = 1000;

    /// <param name="threads">The target is 10 s on two.</param>
    public static void Run(int threads)
    {
        var rates = RatesOf(6.5);
        Console.WriteLine(
            $"| policy | failures a run | {Seeds} seeds, {threads} threads | per failure and core | trained | closed form | " +
            "choice of interval and spares |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var policy in Policies)
            Measure(rates, policy, threads);
    }

    private static void Measure(FailureRates rates, RecoveryPolicy policy, int threads)
    {
        var scale = new RunScale(43_750, 8, 64, 5);
        var choice = RecoverySearch.Best(rates, policy, scale);
        var spec = new SimulatedRunSpec
        {
            StepTime = new Seconds(scale.StepSeconds), Duration = Seconds.FromDays(100), Servers = scale.Servers,
            GpusPerServer = scale.GpusPerServer, Replicas = scale.Replicas, Spares = choice.Spares, Rates = rates, Policy = policy,
            Interval = choice.Interval,
        };
        Simulator.Run(spec, 0, 2, threads);
        var clock = Stopwatch.StartNew();
        var result = Simulator.Run(spec, 1, Seeds, threads);
        var seconds = clock.Elapsed.TotalSeconds;
        var failures = result.Failures.Mean;
        Console.WriteLine(
            $"| {policy.Name} | {failures:N0} | {seconds:0.00} s | {seconds * threads / (failures * Seeds) * 1e9:0} ns | " +
            $"{result.EffectiveTime.Mean:0.0000} | {result.Expected.Training:0.0000} | {ChoiceMicroseconds(rates, policy, scale):0.0} us |");
    }

    private static double ChoiceMicroseconds(FailureRates rates, RecoveryPolicy policy, RunScale scale)
    {
        const int Times = 2000;
        RecoverySearch.Best(rates, policy, scale);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Times; i++)
            RecoverySearch.Best(rates, policy, scale);
        return clock.Elapsed.TotalMicroseconds / Times;
    }

    private static FailureRates RatesOf(double perThousand) => new()
    {
        Name = "rsc-1",
        Components =
        [
            new ComponentRate
            {
                Component = FailureComponent.Unattributed, Rate = FailureRate.PerThousandServerDays(perThousand), ServerLossShare = 0.78,
            },
        ],
    };

    private static RecoveryPolicy[] Policies { get; } =
    [
        Policy("disk", RestartSource.Disk, detection: 60, restart: 540, blocking: 60, write: 0),
        Policy("memory", RestartSource.Memory, detection: 30, restart: 60, blocking: 5, write: 300),
        Policy("peer", RestartSource.Peer, detection: 20, restart: 40, blocking: 2, write: 20),
        Policy("dropped replicas", RestartSource.Peer, detection: 20, restart: 600, blocking: 2, write: 20) with
        {
            DropsReplicas = true, ReplicaDrop = new Seconds(40),
        },
    ];

    private static RecoveryPolicy Policy(
        string name, RestartSource source, double detection, double restart, double blocking, double write) => new()
        {
            Name = name, Source = source, Detection = new Seconds(detection), Restart = new Seconds(restart), DiskRestart = new Seconds(540),
            CheckpointBlocking = new Seconds(blocking), CheckpointWrite = new Seconds(write), Replacement = new Seconds(30),
            Repair = Seconds.FromDays(2),
        };
}
