using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>What every rank refuses by itself, without harm to the group.</summary>
internal static class ArgumentCases
{
    private static readonly NativeBuffer None = new(0, 0, ElementType.Float32);

    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All() =>
    [
        Refuses("all-gather of a wrong size", n => Collective.AllGather(Of(2), Of((2 * n) + 1)),
            n => $"all-gather on axis world: the output holds {(2 * n) + 1} elements, " +
                $"but {n} ranks with 2 each in the input make {2 * n}."),
        Refuses("reduce-scatter of two types", n => Collective.ReduceScatter(Of(2 * n), Of(2, ElementType.BFloat16)),
            _ => "reduce-scatter on axis world: the input holds Float32, the output BFloat16."),
        Refuses("all-to-all of two sizes", n => Collective.AllToAll(Of(n), Of(2 * n)),
            n => $"all-to-all on axis world: the input holds {n} elements, the output {2 * n}."),
        Refuses("uneven all-to-all with a count too few", n => Collective.AllToAll(Of(3), [.. new long[n - 1]], Of(3), new long[n]),
            n => $"all-to-all on axis world: the send counts are {string.Join(", ", new long[n - 1])}; " +
                $"{n} ranks take {n} counts, none below 0."),
        Refuses("uneven all-to-all with a wrong sum", n => Collective.AllToAll(Of(0), new long[n], Of(3), new long[n]),
            _ => "all-to-all on axis world: the receive counts sum to 0, the output holds 3 elements."),
        Refuses("broadcast from nobody", n => Collective.Broadcast(Of(1), n),
            n => $"broadcast on axis world: the root is rank {n} of {n}."),
        Refuses("send to nobody", n => Collective.Send(Of(1), n), n => $"send on axis world: the other is rank {n} of {n}."),
        Refuses("all-reduce into another size", _ => Collective.AllReduce(Of(2)) with { Output = Of(3) },
            _ => "all-reduce on axis world: the input holds 8 bytes, the output 12."),
        Refuses("a buffer of less than nothing", _ => Collective.AllReduce(Of(-1)),
            _ => "all-reduce on axis world: a buffer of -1 elements."),
        Case("refuses to send to itself", communicator =>
            Should.Throw<CollectiveException>(() => communicator.Start(Collective.Send(Of(1), communicator.Rank)))
                .Message.ShouldBe($"send on axis world: rank {communicator.Rank} is the caller itself.")),
        Case("refuses a group with an unknown rank", UnknownRank),
        Case("refuses a group without the caller", WithoutCaller),
    ];

    private static NativeBuffer Of(long count, ElementType type = ElementType.Float32) => None with { Count = count, Type = type };

    private static KeyValuePair<string, Action<ICommunicator>> Refuses(
        string what, Func<int, Collective> make, Func<int, string> message) =>
        Case($"refuses {what}", communicator =>
        {
            var n = communicator.Members.Count;
            Should.Throw<CollectiveException>(() => communicator.Start(make(n))).Message.ShouldBe(message(n));
        });

    private static void UnknownRank(ICommunicator communicator)
    {
        var n = communicator.Members.Count;
        Should.Throw<CollectiveException>(() => communicator.Group("tp", RankGroup.All(n + 1)))
            .Message.ShouldBe($"The group of axis tp has rank {n}, but axis world has {n} ranks.");
    }

    private static void WithoutCaller(ICommunicator communicator)
    {
        if (communicator.Members.Count == 1)
            return;
        var other = communicator.Rank == 0 ? 1 : 0;
        Should.Throw<CollectiveException>(() => communicator.Group("tp", RankGroup.Of(other)))
            .Message.ShouldBe($"The group of axis tp is rank {other}, without the caller, rank {communicator.Rank}.");
    }
}
