using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.InProcess;

/// <summary>What happens when ranks do not do the same.</summary>
public sealed class InProcessWorldTests
{
    private static readonly CommunicatorOptions Short = new()
    {
        Deadline = TimeSpan.FromSeconds(1), Coordinates = rank => $"dp {rank / 2}, tp {rank % 2}",
    };

    private static NativeBuffer Nothing => new(0, 0, ElementType.Float32);

    [Fact]
    public void AllReduce_AbsentRanks_AreNamed()
    {
        var failure = Should.Throw<CollectiveException>(() => InProcessWorld.Run(4, StartUnlessOdd, Short));

        failure.Message.ShouldBeOneOf(
            "Rank 0 (dp 0, tp 0) waited 1 s in all-reduce #2 on axis dp; absent: ranks 1, 3.",
            "Rank 2 (dp 1, tp 0) waited 1 s in all-reduce #2 on axis dp; absent: ranks 1, 3.");
        failure.Absent.ShouldBe([1, 3]);

        static void StartUnlessOdd(ICommunicator world)
        {
            var dp = world.Group("dp", RankGroup.All(4));
            dp.Run(Collective.Barrier());
            dp.Run(Collective.Barrier());
            if (world.Rank % 2 == 0)
                dp.Run(Collective.AllReduce(Nothing));
        }
    }

    [Fact]
    public void AllReduce_InGroup_NamesWorldRanks()
    {
        var failure = Should.Throw<CollectiveException>(() => InProcessWorld.Run(6, world =>
        {
            var tp = world.Group("tp", RankGroup.Strided(world.Rank % 3, 2, 3));
            if (world.Rank != 5)
                tp.Run(Collective.AllReduce(Nothing));
        }, Short));

        failure.Message.ShouldBe("Rank 2 (dp 1, tp 0) waited 1 s in all-reduce #0 on axis tp; absent: rank 5.");
    }

    [Theory]
    [InlineData(CollectiveKind.Send, "Rank 0 (dp 0, tp 0) waited 1 s in send #0 on axis world; absent: rank 1.")]
    [InlineData(CollectiveKind.Receive, "Rank 0 (dp 0, tp 0) waited 1 s in receive #0 on axis world; absent: rank 1.")]
    [InlineData(CollectiveKind.SendReceive, "Rank 0 (dp 0, tp 0) waited 1 s in send-receive #0 on axis world; absent: rank 2.")]
    public void Message_AbsentPeer_IsNamed(CollectiveKind kind, string message)
    {
        var failure = Should.Throw<CollectiveException>(() => InProcessWorld.Run(3, world =>
        {
            if (world.Rank == 0)
                world.Run(Collective.SendReceive(Nothing, 1, Nothing, kind == CollectiveKind.SendReceive ? 2 : 1) with { Kind = kind });
            else if (world.Rank == 1 && kind == CollectiveKind.SendReceive)
                world.Run(Collective.Receive(Nothing, 0));
        }, Short));

        failure.Message.ShouldBe(message);
    }

    [Fact]
    public void Rank_Throws_EndsTheOthers()
    {
        var ended = 0;
        var failure = Should.Throw<InvalidOperationException>(() => InProcessWorld.Run(3, world =>
        {
            if (world.Rank == 1)
                throw new InvalidOperationException("out of luck");
            var waited = Should.Throw<CollectiveException>(() => world.Run(Collective.Barrier()));
            waited.Message.ShouldBe("Rank 1 ended: out of luck");
            Should.Throw<CollectiveException>(() => world.Run(Collective.Barrier())).Message.ShouldBe("Rank 1 ended: out of luck");
            Interlocked.Increment(ref ended);
        }));

        failure.Message.ShouldBe("out of luck");
        ended.ShouldBe(2);
    }

    [Fact]
    public void Collectives_OfOtherKinds_AreRefused() => Contradiction(
        rank => rank == 0 ? Collective.AllReduce(Nothing) : Collective.Barrier(),
        "Collective #0 on axis world: rank 0 of the group asks for all-reduce (Sum) of 0 bytes of Float32, " +
        "rank 1 for barrier of 0 bytes of Byte.");

    [Fact]
    public void Collectives_OfOtherSizes_AreRefused() => Contradiction(
        rank => Collective.AllReduce(Nothing with { Count = rank }),
        "Collective #0 on axis world: rank 0 of the group asks for all-reduce (Sum) of 0 bytes of Float32, " +
        "rank 1 for all-reduce (Sum) of 4 bytes of Float32.");

    [Fact]
    public void Collectives_OfOtherReductions_AreRefused() => Contradiction(
        rank => Collective.AllReduce(Nothing, (ReduceOp)rank),
        "Collective #0 on axis world: rank 0 of the group asks for all-reduce (Sum) of 0 bytes of Float32, " +
        "rank 1 for all-reduce (Max) of 0 bytes of Float32.");

    [Fact]
    public void Broadcasts_FromOtherRoots_AreRefused() => Contradiction(
        rank => Collective.Broadcast(Nothing, rank),
        "Collective #0 on axis world: rank 0 of the group asks for broadcast from rank 0 of 0 bytes of Float32, " +
        "rank 1 for broadcast from rank 1 of 0 bytes of Float32.");

    [Fact]
    public void UnevenAllToAll_CountsThatDisagree_AreRefused() => Contradiction(
        rank => Collective.AllToAll(Nothing, [0, 0], Nothing with { Count = rank }, [rank, 0]),
        "Collective #0 on axis world: rank 0 of the group sends 0 elements to rank 1, which awaits 1.");

    [Fact]
    public void Messages_OfOtherSizes_AreRefused() => Contradiction(
        rank => rank == 0 ? Collective.Send(Nothing with { Count = 3 }, 1) : Collective.Receive(Nothing with { Count = 2 }, 0),
        "Axis world: rank 0 sends 3 Float32, but rank 1 receives 2 Float32.");

    [Fact]
    public void Groups_OfOtherSizes_AreRefused()
    {
        var failure = Should.Throw<CollectiveException>(() => InProcessWorld.Run(2, world =>
        {
            world.Group("tp", RankGroup.All(2)).Run(Collective.Barrier());
            world.Group("dp", world.Rank == 0 ? RankGroup.All(1) : RankGroup.All(2)).Run(Collective.Barrier());
        }));

        failure.Message.ShouldBeOneOf(
            "The group of axis dp with first rank 0 has 1 ranks here and 2 on another rank.",
            "The group of axis dp with first rank 0 has 2 ranks here and 1 on another rank.");
    }

    [Fact]
    public void Deadline_OfNothing_IsRefused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new CommunicatorOptions { Deadline = TimeSpan.Zero });

    private static void Contradiction(Func<int, Collective> make, string message)
    {
        var seen = new string[2];
        var failure = Should.Throw<CollectiveException>(() => InProcessWorld.Run(2, world =>
        {
            try
            {
                world.Run(make(world.Rank));
            }
            catch (CollectiveException mine)
            {
                seen[world.Rank] = mine.Message;
                throw;
            }
        }));

        failure.Message.ShouldBe(message);
        seen.ShouldBe([message, message]);
    }
}
