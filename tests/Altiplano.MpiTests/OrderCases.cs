using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>Several operations in flight.</summary>
internal static class OrderCases
{
    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All() =>
    [
        Case("many in flight, waited for from the last", ManyInFlight),
        Case("ends while nobody waits", EndsByItself),
        Case("waiting twice is waiting once", WaitTwice),
        Case("two groups in flight, waited for in another order by each rank", TwoGroups),
        Case("a thousand small ones", Thousand),
    ];

    private static void ManyInFlight(ICommunicator communicator)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        int[] sizes = [100_000, 7, 1_300_000, 0, 30_000];
        var sums = sizes.Select(size => new NativeArray<float>(SampleValues.Floats(rank, size), ElementType.Float32)).ToList();
        using var gathered = new NativeArray<float>(n * sizes[0], ElementType.Float32);
        var pending = sums.Select(sum => communicator.Start(Collective.AllReduce(sum.Buffer))).ToList();
        pending.Add(communicator.Start(Collective.AllGather(sums[0].Buffer, gathered.Buffer)));
        pending.Reverse();
        pending.ForEach(p => p.Wait());
        pending.ShouldAllBe(p => p.IsCompleted);
        for (var i = 0; i < sizes.Length; i++)
            sums[i].Span.SequenceEqual(SampleValues.Reduce(n, sizes[i], ReduceOp.Sum, SampleValues.Floats)).ShouldBeTrue($"sum {i}");
        for (var part = 0; part < n; part++)
            gathered.Span.Slice(part * sizes[0], sizes[0]).SequenceEqual(sums[0].Span).ShouldBeTrue($"part {part}");
        sums.ForEach(sum => sum.Dispose());
    }

    private static void EndsByItself(ICommunicator communicator)
    {
        using var data = new NativeArray<float>(SampleValues.Floats(communicator.Rank, 2_000_000), ElementType.Float32);
        var pending = communicator.Start(Collective.AllReduce(data.Buffer));
        SpinWait.SpinUntil(() => pending.IsCompleted, TimeSpan.FromMinutes(1)).ShouldBeTrue();
        pending.Wait();
        var expected = SampleValues.Reduce(communicator.Members.Count, 2_000_000, ReduceOp.Sum, SampleValues.Floats);
        data.Span.SequenceEqual(expected).ShouldBeTrue();
    }

    private static void WaitTwice(ICommunicator communicator)
    {
        using var data = new NativeArray<long>([communicator.Rank], ElementType.Int64);
        var pending = communicator.Start(Collective.AllReduce(data.Buffer, ReduceOp.Max));
        pending.Wait();
        pending.Wait();
        data.Span[0].ShouldBe(communicator.Members.Count - 1);
    }

    private static void TwoGroups(ICommunicator communicator)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        using var pair = communicator.Group("pair", RankGroup.Strided(rank / 2 * 2, Math.Min(2, n - (rank / 2 * 2)), 1));
        using var ofAll = new NativeArray<float>(SampleValues.Floats(rank, 400_000), ElementType.Float32);
        using var ofPair = new NativeArray<float>(SampleValues.Floats(rank, 400_000), ElementType.Float32);
        Pending[] pending = [communicator.Start(Collective.AllReduce(ofAll.Buffer)), pair.Start(Collective.AllReduce(ofPair.Buffer))];
        foreach (var index in rank % 2 == 0 ? new[] { 0, 1 } : [1, 0])
            pending[index].Wait();
        ofAll.Span.SequenceEqual(SampleValues.Reduce(n, 400_000, ReduceOp.Sum, SampleValues.Floats)).ShouldBeTrue();
        var expected = SampleValues.Reduce(
            pair.Members.Count, 400_000, ReduceOp.Sum, (member, count) => SampleValues.Floats(pair.Members[member], count));
        ofPair.Span.SequenceEqual(expected).ShouldBeTrue();
    }

    private static void Thousand(ICommunicator communicator)
    {
        using var data = new NativeArray<long>([0], ElementType.Int64);
        for (var i = 0; i < 1000; i++)
        {
            data.Span[0] = communicator.Rank + i;
            communicator.Run(Collective.AllReduce(data.Buffer));
            var n = communicator.Members.Count;
            data.Span[0].ShouldBe((n * (n - 1) / 2) + (n * i));
        }
    }
}
