namespace Altiplano.Distributed;

/// <summary>One operation of a group: what a communicator is asked to do. n is the number of ranks in the group.</summary>
/// <remarks>Memory of different arguments must not overlap, except where a method says that it may be the same.</remarks>
public readonly record struct Collective
{
    public required CollectiveKind Kind { get; init; }

    /// <summary>What this rank gives; of no elements when it only receives.</summary>
    public NativeBuffer Input { get; init; }

    /// <summary>What this rank gets; of no elements when it only sends.</summary>
    public NativeBuffer Output { get; init; }

    public ReduceOp Op { get; init; }

    /// <summary>The root of a broadcast, or the rank that is sent to; a rank of the group.</summary>
    public int Destination { get; init; }

    /// <summary>The rank that is received from; a rank of the group.</summary>
    public int Source { get; init; }

    /// <summary>Elements for each rank of an uneven all-to-all; null when all are equal.</summary>
    public long[]? SendCounts { get; init; }

    /// <summary>Elements from each rank of an uneven all-to-all; null when all are equal.</summary>
    public long[]? ReceiveCounts { get; init; }

    /// <summary>Bytes of the larger side: n shards of an all-gather or reduce-scatter, the buffer of anything else.</summary>
    public long Bytes => Math.Max(Input.Bytes, Output.Bytes);

    /// <summary>Every rank's buffer becomes the reduction over all ranks.</summary>
    public static Collective AllReduce(NativeBuffer buffer, ReduceOp op = ReduceOp.Sum) =>
        new() { Kind = CollectiveKind.AllReduce, Input = buffer, Output = buffer, Op = op };

    /// <summary>Rank r gets the reduction of the r-th of n equal parts.</summary>
    /// <param name="output">May be the r-th part of <paramref name="input"/> itself.</param>
    public static Collective ReduceScatter(NativeBuffer input, NativeBuffer output, ReduceOp op = ReduceOp.Sum) =>
        new() { Kind = CollectiveKind.ReduceScatter, Input = input, Output = output, Op = op };

    /// <summary>Every rank gets all ranks' inputs, one after the other in rank order.</summary>
    /// <param name="input">May be the r-th of the n parts of <paramref name="output"/>.</param>
    public static Collective AllGather(NativeBuffer input, NativeBuffer output) =>
        new() { Kind = CollectiveKind.AllGather, Input = input, Output = output };

    /// <summary>The s-th of n equal parts of rank r's input becomes the r-th part of rank s's output.</summary>
    public static Collective AllToAll(NativeBuffer input, NativeBuffer output) =>
        new() { Kind = CollectiveKind.AllToAll, Input = input, Output = output };

    /// <summary>The same with parts of stated sizes, which lie one after the other.</summary>
    /// <param name="sendCounts">Elements for each rank.</param>
    /// <param name="receiveCounts">Elements from each rank: what that rank states for this one.</param>
    public static Collective AllToAll(NativeBuffer input, long[] sendCounts, NativeBuffer output, long[] receiveCounts) =>
        AllToAll(input, output) with { SendCounts = sendCounts, ReceiveCounts = receiveCounts };

    /// <summary>Every rank's buffer becomes the root's.</summary>
    public static Collective Broadcast(NativeBuffer buffer, int root) =>
        new() { Kind = CollectiveKind.Broadcast, Input = buffer, Output = buffer, Destination = root };

    /// <summary>Completes when every rank has started it.</summary>
    public static Collective Barrier() => new() { Kind = CollectiveKind.Barrier };

    /// <summary>Sends to one rank, which receives as many elements; sends to one rank arrive in order.</summary>
    public static Collective Send(NativeBuffer buffer, int destination) =>
        new() { Kind = CollectiveKind.Send, Input = buffer, Destination = destination };

    /// <summary>Receives what one rank sends.</summary>
    public static Collective Receive(NativeBuffer buffer, int source) =>
        new() { Kind = CollectiveKind.Receive, Output = buffer, Source = source };

    /// <summary>Sends to one rank while receiving from the same or another: a step of a ring.</summary>
    public static Collective SendReceive(NativeBuffer input, int destination, NativeBuffer output, int source) =>
        new() { Kind = CollectiveKind.SendReceive, Input = input, Destination = destination, Output = output, Source = source };
}
