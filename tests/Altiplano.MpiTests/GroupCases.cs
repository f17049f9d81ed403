using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>Groups of some of the ranks.</summary>
internal static class GroupCases
{
    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All() =>
    [
        Case("the world knows itself", World),
        Case("even and odd ranks", EvenAndOdd),
        Case("a listed group keeps its order", Reversed),
        Case("a group of a group", Nested),
        Case("a group of one", Single),
    ];

    private static void World(ICommunicator communicator)
    {
        communicator.Axis.ShouldBe("world");
        communicator.Members[communicator.Rank].ShouldBe(communicator.Rank);
    }

    private static void EvenAndOdd(ICommunicator communicator)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        using var half = communicator.Group("half", RankGroup.Strided(rank % 2, (n + 1 - (rank % 2)) / 2, Math.Min(2, n)));
        half.Axis.ShouldBe("half");
        half.Rank.ShouldBe(rank / 2);
        half.Members[half.Rank].ShouldBe(rank);
        Gather(half).ShouldBe(Enumerable.Range(0, n).Where(other => other % 2 == rank % 2));
    }

    private static void Reversed(ICommunicator communicator)
    {
        var n = communicator.Members.Count;
        using var reversed = communicator.Group("reversed", RankGroup.Of([.. Enumerable.Range(0, n).Reverse()]));
        reversed.Rank.ShouldBe(n - 1 - communicator.Rank);
        Gather(reversed).ShouldBe(Enumerable.Range(0, n).Reverse());
    }

    private static void Nested(ICommunicator communicator)
    {
        var n = communicator.Members.Count;
        using var reversed = communicator.Group("reversed", RankGroup.Of([.. Enumerable.Range(0, n).Reverse()]));
        var isFirst = reversed.Rank == 0;
        if (n == 1)
            return;
        using var rest = reversed.Group("rest", isFirst ? RankGroup.All(1) : RankGroup.Strided(1, n - 1, 1));
        Gather(rest).ShouldBe(isFirst ? [n - 1] : Enumerable.Range(0, n - 1).Reverse());
    }

    private static void Single(ICommunicator communicator)
    {
        using var own = communicator.Group("own", RankGroup.Of(communicator.Rank));
        own.Rank.ShouldBe(0);
        Gather(own).ShouldBe([communicator.Rank]);
    }

    /// <summary>World ranks of a group as its members tell them.</summary>
    private static int[] Gather(ICommunicator group)
    {
        using var own = new NativeArray<int>([group.Members[group.Rank]], ElementType.Int32);
        using var all = new NativeArray<int>(group.Members.Count, ElementType.Int32);
        group.Run(Collective.AllGather(own.Buffer, all.Buffer));
        return all.Span.ToArray();
    }
}
