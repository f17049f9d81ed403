using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>Send and receive between two ranks.</summary>
internal static class MessageCases
{
    private static readonly int[] Counts = [0, 1, 5000, 3_000_000];

    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All()
    {
        foreach (var count in Counts)
        {
            yield return Case($"ring of {count}", communicator => Ring(communicator, count));
            yield return Case($"sends both ways at once of {count}", communicator => BothWays(communicator, count));
        }

        yield return Case("messages of one pair arrive in order", InOrder);
        yield return Case("messages pass collectives in flight", PastCollectives);
    }

    private static void Ring(ICommunicator communicator, int count)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        if (n == 1)
            return;
        var (next, previous) = ((rank + 1) % n, (rank + n - 1) % n);
        using var input = new NativeArray<int>(SampleValues.Ints(rank, count), ElementType.Int32);
        using var output = new NativeArray<int>(count, ElementType.Int32);
        communicator.Run(Collective.SendReceive(input.Buffer, next, output.Buffer, previous));
        output.Span.SequenceEqual(SampleValues.Ints(previous, count)).ShouldBeTrue();
    }

    /// <summary>Every pair sends before it receives, which blocks for ever where a send waits for its receive.</summary>
    private static void BothWays(ICommunicator communicator, int count)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        var other = rank ^ 1;
        if (other >= n)
            return;
        using var input = new NativeArray<int>(SampleValues.Ints(rank, count), ElementType.Int32);
        using var output = new NativeArray<int>(count, ElementType.Int32);
        var sent = communicator.Start(Collective.Send(input.Buffer, other));
        var received = communicator.Start(Collective.Receive(output.Buffer, other));
        sent.Wait();
        received.Wait();
        output.Span.SequenceEqual(SampleValues.Ints(other, count)).ShouldBeTrue();
    }

    private static void InOrder(ICommunicator communicator)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        if (n == 1 || rank > 1)
            return;
        int[] sizes = [1_500_000, 3, 1_200_000, 1];
        var isSender = rank == 0;
        int[] Values(int i) => isSender ? SampleValues.Ints(i, sizes[i]) : new int[sizes[i]];
        var all = sizes.Select((_, i) => new NativeArray<int>(Values(i), ElementType.Int32)).ToList();
        var messages = all.Select(a => isSender ? Collective.Send(a.Buffer, 1) : Collective.Receive(a.Buffer, 0));
        var pending = messages.Select(message => communicator.Start(message)).ToList();
        pending.Reverse();
        pending.ForEach(p => p.Wait());
        for (var i = 0; i < sizes.Length; i++)
            all[i].Span.SequenceEqual(SampleValues.Ints(i, sizes[i])).ShouldBeTrue($"message {i}");
        all.ForEach(a => a.Dispose());
    }

    /// <summary>Rank 0 joins the reduction only after it has had the message that rank 1 sends after starting it.</summary>
    private static void PastCollectives(ICommunicator communicator)
    {
        var (n, rank) = (communicator.Members.Count, communicator.Rank);
        using var sum = new NativeArray<float>(SampleValues.Floats(rank, 500_000), ElementType.Float32);
        using var message = new NativeArray<int>(SampleValues.Ints(rank, 500_000), ElementType.Int32);
        if (rank == 0 && n > 1)
            communicator.Run(Collective.Receive(message.Buffer, 1));
        var reduction = communicator.Start(Collective.AllReduce(sum.Buffer));
        if (rank == 1)
            communicator.Run(Collective.Send(message.Buffer, 0));
        reduction.Wait();
        message.Span.SequenceEqual(SampleValues.Ints(rank == 0 && n > 1 ? 1 : rank, 500_000)).ShouldBeTrue();
        sum.Span.SequenceEqual(SampleValues.Reduce(n, 500_000, ReduceOp.Sum, SampleValues.Floats)).ShouldBeTrue();
    }
}
