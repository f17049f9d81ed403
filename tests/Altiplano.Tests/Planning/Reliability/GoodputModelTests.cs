using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class GoodputModelTests
{
    private static readonly StragglerRates Slow = new()
    {
        Rate = FailureRate.PerThousandServerDays(0.5), Slowdown = 0.1, Removal = Seconds.FromHours(1),
    };

    private static readonly RecoveryPolicy[] Policies =
    [
        ReliabilityCases.Peer, ReliabilityCases.Memory, ReliabilityCases.Dropping,
        ReliabilityCases.Restarting(Seconds.FromMinutes(10), new Seconds(60)),
    ];

    private static Gen<GoodputModel> Models { get; } =
        from servers in Gen.Int[1, 50_000]
        from policy in Gen.Int[0, Policies.Length - 1]
        from perThousand in Gen.Double[0, 15]
        from slow in Gen.Bool
        select new GoodputModel(
            ReliabilityCases.Uniform(perThousand, 0.7), Policies[policy], new RunScale(servers, 8, 64, 5), slow ? Slow : null);

    [Fact]
    public void EffectiveTime_OneRecoveryTime_IsThePublishedFormula() =>
        (from servers in Gen.Int[1, 50_000] from interval in Gen.Double[60, 5000] select (servers, interval)).Sample(
            c =>
            {
                var policy = ReliabilityCases.Restarting(Seconds.FromMinutes(10), new Seconds(60));
                var model = new GoodputModel(ReliabilityCases.Uniform(5, 0), policy, new RunScale(c.servers, 8, 1, 5));
                var expected = CheckpointFormulas.EffectiveRatio(model.MeanTimeBetweenFailures, 600, 60, c.interval);
                return Math.Abs((model.EffectiveTime(c.interval, 0) / expected) - 1) < 1e-12;
            },
            seed: "0000KOIKhKZ3");

    /// <summary>With a checkpoint on disk at each interval, and equal restarts, memory is no better and no worse than disk.</summary>
    [Fact]
    public void EffectiveTime_MemoryThatAddsNothing_IsThatOfDisk() =>
        (from servers in Gen.Int[1, 50_000] from interval in Gen.Double[60, 3000] select (servers, interval)).Sample(
            c =>
            {
                var disk = ReliabilityCases.Restarting(Seconds.FromMinutes(3), new Seconds(10));
                var memory = disk with { Source = RestartSource.Memory, DiskRestart = disk.Restart };
                var scale = new RunScale(c.servers, 8, 1, 5);
                var (a, b) = (new GoodputModel(ReliabilityCases.Mixed, disk, scale), new GoodputModel(ReliabilityCases.Mixed, memory, scale));
                return Math.Abs((a.EffectiveTime(c.interval, 1000) / b.EffectiveTime(c.interval, 1000)) - 1) < 1e-9;
            },
            seed: "0000KOIKhKZ3");

    [Fact]
    public void Shares_AnyRun_SumToOne() =>
        Models.Select(Gen.Double[60, 5000], Gen.Int[0, 400]).Sample(
            (model, interval, spares) =>
            {
                var shares = model.Shares(interval, spares);
                return shares.Training is >= 0 and <= 1 && shares.Losses().All(loss => loss.Share >= -1e-12) &&
                    Math.Abs(shares.Training + shares.Losses().Sum(loss => loss.Share) - 1) < 0.01;
            },
            seed: "0000KOIKhKZ3");

    [Fact]
    public void BestInterval_AnyRun_IsNotBeatenByAnother() =>
        Models.Select(Gen.Double[0.1, 10]).Sample(
            (model, factor) =>
            {
                var best = model.BestInterval();
                var other = Math.Max(60, best * factor);
                return model.EffectiveTime(other, 2000) <= model.EffectiveTime(best, 2000) * (1 + 2e-3);
            },
            seed: "0000KOIKhKZ3");

    [Fact]
    public void BestInterval_BackgroundWrite_IsTheLeast()
    {
        var slowWrite = ReliabilityCases.Peer with { CheckpointWrite = Seconds.FromMinutes(20) };

        new GoodputModel(ReliabilityCases.Mixed, slowWrite, new RunScale(40_000, 8, 1, 5)).BestInterval().ShouldBe(1200);
    }

    [Fact]
    public void BestSpares_AnyRun_IsNotBeatenByAnother() =>
        Models.Select(Gen.Int[0, 300]).Sample(
            (model, other) =>
            {
                var interval = model.BestInterval();
                var best = model.BestSpares(interval);
                return PerServer(other) <= PerServer(best) + 1e-12;

                double PerServer(int spares) => model.EffectiveTime(interval, spares) / (model.Servers + spares);
            },
            seed: "0000KOIKhKZ3");

    [Fact]
    public void Choice_LayoutSearch_AllocatesNothing()
    {
        var scale = new RunScale(12_500, 8, 64, 5);
        var total = Choose();
        var before = GC.GetAllocatedBytesForCurrentThread();

        total += Choose();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        total.ShouldBeGreaterThan(0);

        double Choose()
        {
            var sum = 0.0;
            foreach (var policy in Policies)
            {
                var model = new GoodputModel(ReliabilityCases.Mixed, policy, scale, Slow);
                var interval = model.BestInterval();
                sum += model.Shares(interval, model.BestSpares(interval)).Training;
            }

            return sum;
        }
    }
}
