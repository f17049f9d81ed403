using Altiplano.Distributed.Reductions;

namespace Altiplano.Distributed.InProcess;

/// <summary>Moves the memory of a collective, all ranks' at once.</summary>
internal static class InProcessTransfer
{
    /// <summary>A reduction of this many elements goes to all ranks while it is in the cache.</summary>
    private const long BlockElements = 4096;

    /// <summary>How the ranks' operations contradict each other; null when they do not.</summary>
    public static string? FindMismatch(Collective[] all)
    {
        var first = all[0];
        for (var rank = 1; rank < all.Length; rank++)
        {
            var other = all[rank];
            if (other.Kind != first.Kind || other.Op != first.Op || other.Destination != first.Destination ||
                other.Input.Type != first.Input.Type || (first.SendCounts is null && other.Bytes != first.Bytes))
                return $"rank 0 of the group asks for {Tell(first)}, rank {rank} for {Tell(other)}.";
        }

        return first.SendCounts is null ? null : FindUneven(all);
    }

    public static void Run(Collective[] all)
    {
        switch (all[0].Kind)
        {
            case CollectiveKind.AllReduce: AllReduce(all); break;
            case CollectiveKind.ReduceScatter: ReduceScatter(all); break;
            case CollectiveKind.AllGather: AllGather(all); break;
            case CollectiveKind.AllToAll: AllToAll(all); break;
            case CollectiveKind.Broadcast: Broadcast(all); break;
            case CollectiveKind.Barrier: break;
            default: throw new InvalidOperationException($"{all[0].Kind} is between two ranks.");
        }
    }

    private static void AllReduce(Collective[] all)
    {
        for (long start = 0; start < all[0].Input.Count; start += BlockElements)
        {
            var count = Math.Min(BlockElements, all[0].Input.Count - start);
            var block = all[0].Output.Slice(start, count);
            Reduction.Apply(all[0].Op, block.Type, Inputs(all, start), block.Address, count);
            foreach (var other in all)
                Copying.Copy(block.Address, other.Output.Slice(start, count).Address, block.Bytes);
        }
    }

    private static void ReduceScatter(Collective[] all)
    {
        for (var rank = 0; rank < all.Length; rank++)
        {
            var output = all[rank].Output;
            Reduction.Apply(all[0].Op, output.Type, Inputs(all, rank * output.Count), output.Address, output.Count);
        }
    }

    private static void AllGather(Collective[] all)
    {
        foreach (var target in all)
        {
            for (var rank = 0; rank < all.Length; rank++)
                Copying.Copy(all[rank].Input.Address, target.Output.Slice(rank * target.Input.Count, 0).Address, target.Input.Bytes);
        }
    }

    private static void AllToAll(Collective[] all)
    {
        var sends = Array.ConvertAll(all, collective => Parts.Counted(collective.Input, collective.SendCounts, all.Length));
        var receives = Array.ConvertAll(all, collective => Parts.Counted(collective.Output, collective.ReceiveCounts, all.Length));
        for (var from = 0; from < all.Length; from++)
        {
            for (var to = 0; to < all.Length; to++)
                Copying.Copy(sends[from][to].Address, receives[to][from].Address, sends[from][to].Bytes);
        }
    }

    private static void Broadcast(Collective[] all)
    {
        var source = all[all[0].Destination].Input;
        foreach (var target in all)
            Copying.Copy(source.Address, target.Output.Address, source.Bytes);
    }

    private static nint[] Inputs(Collective[] all, long start) => Array.ConvertAll(all, one => one.Input.Slice(start, 0).Address);

    private static string? FindUneven(Collective[] all)
    {
        for (var from = 0; from < all.Length; from++)
        {
            for (var to = 0; to < all.Length; to++)
            {
                if (all[from].SendCounts?[to] is var sent && all[to].ReceiveCounts?[from] is var awaited && sent != awaited)
                    return $"rank {from} of the group sends {sent} elements to rank {to}, which awaits {awaited}.";
            }
        }

        return null;
    }

    private static string Tell(in Collective one)
    {
        var detail = one.Kind switch
        {
            CollectiveKind.Broadcast => $" from rank {one.Destination}",
            CollectiveKind.AllReduce or CollectiveKind.ReduceScatter => $" ({one.Op})",
            _ => "",
        };
        return $"{one.Kind.Name()}{detail} of {one.Bytes} bytes of {one.Input.Type}";
    }
}
