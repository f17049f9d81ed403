using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>All-gather, all-to-all, broadcast and barrier.</summary>
internal static class ExchangeCases
{
    private static readonly int[] Counts = [0, 1, 1001, 700_001];

    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All()
    {
        foreach (var count in Counts)
        {
            yield return Case($"all-gather {count} each", communicator => AllGather(communicator, count));
            yield return Case($"all-gather in place {count} each", communicator => AllGatherInPlace(communicator, count));
            yield return Case($"all-to-all {count} each", communicator => AllToAll(communicator, count));
            yield return Case($"all-to-all uneven {count}", communicator => AllToAllUneven(communicator, count));
            yield return Case($"broadcast {count} from every rank", communicator => Broadcast(communicator, count));
        }

        yield return Case("barrier", communicator => communicator.Run(Collective.Barrier()));
        yield return Case("barrier lets nobody pass before the last", BarrierIsPassedTogether);
    }

    private static void AllGather(ICommunicator communicator, int count)
    {
        var n = communicator.Members.Count;
        using var input = new NativeArray<long>(SampleValues.Longs(communicator.Rank, count), ElementType.Int64);
        using var output = new NativeArray<long>(n * count, ElementType.Int64);
        communicator.Run(Collective.AllGather(input.Buffer, output.Buffer));
        for (var rank = 0; rank < n; rank++)
            output.Span.Slice(rank * count, count).SequenceEqual(SampleValues.Longs(rank, count)).ShouldBeTrue($"part {rank}");
    }

    private static void AllGatherInPlace(ICommunicator communicator, int count)
    {
        var n = communicator.Members.Count;
        using var data = new NativeArray<long>(n * count, ElementType.Int64);
        SampleValues.Longs(communicator.Rank, count).CopyTo(data.Span[(communicator.Rank * count)..]);
        communicator.Run(Collective.AllGather(data.Buffer.Slice(communicator.Rank * count, count), data.Buffer));
        for (var rank = 0; rank < n; rank++)
            data.Span.Slice(rank * count, count).SequenceEqual(SampleValues.Longs(rank, count)).ShouldBeTrue($"part {rank}");
    }

    private static void AllToAll(ICommunicator communicator, int count)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        using var input = new NativeArray<int>(SampleValues.Ints(rank, n * count), ElementType.Int32);
        using var output = new NativeArray<int>(n * count, ElementType.Int32);
        communicator.Run(Collective.AllToAll(input.Buffer, output.Buffer));
        for (var from = 0; from < n; from++)
        {
            var expected = SampleValues.Ints(from, n * count).AsSpan(rank * count, count);
            output.Span.Slice(from * count, count).SequenceEqual(expected).ShouldBeTrue($"part from {from}");
        }
    }

    /// <summary>Rank r gives rank s r + 2s times a third of the count, none where that is 3 or its multiple.</summary>
    private static void AllToAllUneven(ICommunicator communicator, int count)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        long Count(int from, int to) => (from + (2 * to)) % 3 == 0 ? 0 : (from + (2 * to)) * (long)(count / 3);
        long[] Sends(int from) => [.. Enumerable.Range(0, n).Select(to => Count(from, to))];
        var (sends, receives) = (Sends(rank), Enumerable.Range(0, n).Select(from => Count(from, rank)).ToArray());
        using var input = new NativeArray<int>(SampleValues.Ints(rank, (int)sends.Sum()), ElementType.Int32);
        using var output = new NativeArray<int>((int)receives.Sum(), ElementType.Int32);

        communicator.Run(Collective.AllToAll(input.Buffer, sends, output.Buffer, receives));

        var at = 0;
        for (var from = 0; from < n; from++)
        {
            var all = SampleValues.Ints(from, (int)Sends(from).Sum());
            var expected = all.AsSpan((int)Sends(from)[..rank].Sum(), (int)receives[from]);
            output.Span.Slice(at, expected.Length).SequenceEqual(expected).ShouldBeTrue($"part from {from}");
            at += expected.Length;
        }
    }

    private static void Broadcast(ICommunicator communicator, int count)
    {
        for (var root = 0; root < communicator.Members.Count; root++)
        {
            using var data = new NativeArray<long>(SampleValues.Longs(communicator.Rank, count), ElementType.Int64);
            communicator.Run(Collective.Broadcast(data.Buffer, root));
            data.Span.SequenceEqual(SampleValues.Longs(root, count)).ShouldBeTrue($"root {root}");
        }
    }

    /// <summary>The last rank starts its own only when it has heard that no other one is through.</summary>
    private static void BarrierIsPassedTogether(ICommunicator communicator)
    {
        var last = communicator.Members.Count - 1;
        using var passed = new NativeArray<byte>(1, ElementType.Byte);
        if (communicator.Rank < last)
        {
            var barrier = communicator.Start(Collective.Barrier());
            passed.Span[0] = barrier.IsCompleted ? (byte)1 : (byte)0;
            communicator.Run(Collective.Send(passed.Buffer, last));
            barrier.Wait();
            return;
        }

        for (var rank = 0; rank < last; rank++)
        {
            communicator.Run(Collective.Receive(passed.Buffer, rank));
            passed.Span[0].ShouldBe((byte)0, $"rank {rank}");
        }

        communicator.Run(Collective.Barrier());
    }
}
