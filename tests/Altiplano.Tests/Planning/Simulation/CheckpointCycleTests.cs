using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Reliability;
using CsCheck;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class CheckpointCycleTests
{
    /// <summary>One long stretch is the same as many short ones, whatever lies on their borders.</summary>
    [Fact]
    public void Advance_InPieces_IsTheSameAsAtOnce() =>
        (from interval in Gen.Int[10, 200]
         from blocking in Gen.Int[0, 9]
         from hasMemory in Gen.Bool
         from seconds in Gen.Int[1, 20_000]
         from pieces in Gen.Int[2, 500]
             // Not on the border of a cycle, where a rounding decides.
         select (interval, blocking, hasMemory, length: seconds + 0.318, pieces)).Sample(
            c =>
            {
                var (whole, parts) = (Cycle(c.interval, c.blocking, c.hasMemory), Cycle(c.interval, c.blocking, c.hasMemory));
                whole.Advance(0, c.length, 1, null);
                for (var i = 0; i < c.pieces; i++)
                    parts.Advance(c.length * i / c.pieces, c.length / c.pieces, 1, null);
                Near(whole.Work, parts.Work);
                Near(whole.BlockedSeconds, parts.BlockedSeconds);
                Near(whole.RollBack(c.length, false), parts.RollBack(c.length, false));
                Near(whole.RollBack(c.length, true), parts.RollBack(c.length, true));
            },
            iter: 2000, seed: "0000KOIKhKZ3", threads: 1);

    [Fact]
    public void TimeToReach_AnyTarget_IsWhenTheWorkIsThere() =>
        (from interval in Gen.Double[10, 200]
         from blocking in Gen.Double[0, 9]
         from before in Gen.Double[0, 3000]
         from work in Gen.Double[1, 5000]
         from speed in Gen.Double[0.1, 1]
         select (interval, blocking, before, work, speed)).Sample(
            c =>
            {
                var cycle = Cycle(c.interval, c.blocking, false);
                cycle.Advance(0, c.before, c.speed, null);
                var target = cycle.Work + c.work;
                cycle.Advance(c.before, cycle.TimeToReach(target, c.speed), c.speed, null);
                Near(cycle.Work, target);
            },
            seed: "0000KOIKhKZ3");

    [Fact]
    public void RollBack_WhileACheckpointIsWritten_FallsToTheOneBefore()
    {
        var cycle = new CheckpointCycle(Spec(ReliabilityCases.Peer with { CheckpointBlocking = new Seconds(10), CheckpointWrite = new Seconds(60) }, 100));

        // 100 s of training, 10 s of blocking, 100, 10: the second checkpoint is taken at 220 s and safe at 280 s.
        cycle.Advance(0, 270, 1, null);

        cycle.RollBack(270, false).ShouldBe(150, 1e-9);
        cycle.Work.ShouldBe(100, 1e-9);
    }

    [Fact]
    public void RollBack_ServerLost_FallsToTheDisk()
    {
        // In memory every 110 s of the clock, on disk every fourth time.
        var policy = ReliabilityCases.Memory with { CheckpointBlocking = new Seconds(10), CheckpointWrite = new Seconds(400) };
        var cycle = new CheckpointCycle(Spec(policy, 100));

        cycle.Advance(0, 110 * 10, 1, null);

        cycle.RollBack(1100, false).ShouldBe(0, 1e-9);
        cycle.RollBack(1100, true).ShouldBe(600, 1e-9);
        cycle.Work.ShouldBe(400, 1e-9);
    }

    private static CheckpointCycle Cycle(double interval, double blocking, bool hasMemory)
    {
        var policy = hasMemory ? ReliabilityCases.Memory with { CheckpointWrite = new Seconds(350) } : ReliabilityCases.Peer with { CheckpointWrite = new Seconds(7) };
        return new CheckpointCycle(Spec(policy with { CheckpointBlocking = new Seconds(blocking) }, interval));
    }

    private static SimulatedRunSpec Spec(RecoveryPolicy policy, double interval) => new()
    {
        StepTime = new Seconds(1), Servers = 1, GpusPerServer = 1, Rates = ReliabilityCases.Mixed, Policy = policy, Interval = new Seconds(interval),
    };

    private static void Near(double a, double b) => a.ShouldBe(b, 1e-6);
}
