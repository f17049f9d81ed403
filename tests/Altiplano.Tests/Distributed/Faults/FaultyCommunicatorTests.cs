using Altiplano.Distributed;
using Altiplano.Distributed.Faults;
using Altiplano.Distributed.InProcess;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Faults;

public sealed class FaultyCommunicatorTests
{
    private static readonly CommunicatorOptions Short = new() { Deadline = TimeSpan.FromSeconds(1) };

    [Fact]
    public void Drop_OneOperation_LeavesThisRankAbsent()
    {
        var failure = Should.Throw<CollectiveException>(() => Run(new Fault(FaultKind.Drop, "dp", 2), Short));

        failure.Message.ShouldBeOneOf(
            "Rank 0 waited 1 s in all-reduce #2 on axis dp; absent: rank 1.",
            "Rank 2 waited 1 s in all-reduce #2 on axis dp; absent: rank 1.");
    }

    [Fact]
    public void Drop_OnAnotherAxis_DoesNothing() => Run(new Fault(FaultKind.Drop, "tp", 2), Short).ShouldBe([9, 9, 9]);

    [Fact]
    public void Delay_OneOperation_GivesTheSameSums()
    {
        var delays = 0;
        Run(new Fault(FaultKind.Delay, "dp", 2) { Delay = () => delays++ }).ShouldBe([9, 9, 9]);
        delays.ShouldBe(1);
    }

    [Fact]
    public void Corrupt_LastOperation_ChangesOneBitOnOneRank() => Run(new Fault(FaultKind.Corrupt, "dp", 2)).ShouldBe([9, 8, 9]);

    [Fact]
    public void Kill_OneOperation_EndsTheRank() => Should
        .Throw<RankKilledException>(() => Run(new Fault(FaultKind.Kill, "dp", 1)))
        .Message.ShouldBe("This rank was killed by a planned fault.");

    /// <summary>Three ranks with three sums, from 3, 3, 3: the values at the end; the fault is rank 1's.</summary>
    private static long[] Run(Fault fault, CommunicatorOptions? options = null)
    {
        var sums = new long[3];
        InProcessWorld.Run(3, world =>
        {
            var own = world.Rank == 1 ? new FaultyCommunicator(world, fault) : world;
            var dp = own.Group("dp", RankGroup.All(3));
            for (var i = 0; i < 3; i++)
            {
                using var data = new NativeArray<long>([3], ElementType.Int64);
                dp.Run(Collective.AllReduce(data.Buffer));
                sums[world.Rank] = data.Span[0];
            }
        }, options);
        return sums;
    }
}
