using Altiplano.Distributed.Reductions;

namespace Altiplano.Distributed.Mpi;

/// <summary>The steps of one operation; between two of them requests are in flight, and other operations have their turn.</summary>
/// <remarks>
/// Large data moves in pieces of <see cref="PieceBytes"/> between every two ranks directly: on shared memory a piece that stays in the
/// cache is several times as fast as one large call, and addresses have 64 bits where MPI's displacements have 32. Reductions are done
/// here, in rank order. Small data goes through the library's own collectives, whose hops grow with the logarithm of the ranks.
/// </remarks>
internal sealed class MpiTransfer(MpiRequests sends, MpiRequests receives, MpiScratch scratch, int rank, int ranks)
{
    /// <summary>Of all ranks together, in flight at one time.</summary>
    public const long PieceBytes = 4 << 20;

    /// <summary>Of all ranks together, gathered by one call of the library.</summary>
    public const long SmallBytes = 64 << 10;

    private const int ExchangeTag = 1;
    private const int MessageTag = 2;

    public bool IsSent => sends.Test();

    public bool IsReceived => receives.Test();

    private bool IsQuiet => receives.Test() & sends.Test();

    /// <returns>An element whenever requests are in flight; the end when the operation is done.</returns>
    public IEnumerator<bool> Steps(Collective collective) => collective.Kind switch
    {
        CollectiveKind.AllReduce when collective.Bytes * ranks <= SmallBytes => SmallAllReduce(collective),
        CollectiveKind.AllReduce => AllReduce(collective),
        CollectiveKind.ReduceScatter => ReduceScatter(collective),
        CollectiveKind.AllGather when collective.Bytes <= SmallBytes => SmallAllGather(collective),
        CollectiveKind.AllGather => Exchange(Parts.Repeated(collective.Input), Parts.Even(collective.Output, ranks)),
        CollectiveKind.AllToAll => Exchange(
            Parts.Counted(collective.Input, collective.SendCounts, ranks),
            Parts.Counted(collective.Output, collective.ReceiveCounts, ranks)),
        CollectiveKind.Broadcast => Broadcast(collective),
        CollectiveKind.Barrier => Barrier(),
        _ => Message(collective),
    };

    private IEnumerator<bool> SmallAllReduce(Collective collective)
    {
        var (input, output) = (collective.Input, collective.Output);
        var block = scratch.Rent(SmallBytes);
        receives.AllGather(input.Address, block.Address, input.Bytes, rank);
        while (!IsQuiet)
            yield return true;
        var all = Parts.Even(new NativeBuffer(block.Address, input.Count * ranks, input.Type), ranks);
        Reduce(collective.Op, all[rank], all, output);
        scratch.Return(block);
    }

    private IEnumerator<bool> AllReduce(Collective collective)
    {
        var share = PieceElements(collective.Input.Type);
        var block = scratch.Rent(share * ranks * collective.Input.Type.Size());
        for (long start = 0; start < collective.Input.Count; start += share * ranks)
        {
            var count = Math.Min(share * ranks, collective.Input.Count - start);
            var input = Parts.Even(collective.Input.Slice(start, count), ranks);
            var output = Parts.Even(collective.Output.Slice(start, count), ranks);
            var arrived = Parts.Even(new NativeBuffer(block.Address, output[rank].Count * ranks, collective.Input.Type), ranks);
            Post(input, arrived, 0, share);
            while (!IsQuiet)
                yield return true;
            Reduce(collective.Op, input[rank], arrived, output[rank]);
            Post(Parts.Repeated(output[rank]), output, 0, share);
            while (!IsQuiet)
                yield return true;
        }

        scratch.Return(block);
    }

    private IEnumerator<bool> ReduceScatter(Collective collective)
    {
        var (output, type) = (collective.Output, collective.Output.Type);
        var input = Parts.Even(collective.Input, ranks);
        var share = PieceElements(type);
        var block = scratch.Rent(share * ranks * type.Size());
        for (long start = 0; start < output.Count; start += share)
        {
            var count = Math.Min(share, output.Count - start);
            var arrived = Parts.Even(new NativeBuffer(block.Address, count * ranks, type), ranks);
            Post(input, arrived, start, count, arrivedAt: 0);
            while (!IsQuiet)
                yield return true;
            Reduce(collective.Op, input.Piece(rank, start, count), arrived, output.Slice(start, count));
        }

        scratch.Return(block);
    }

    private IEnumerator<bool> SmallAllGather(Collective collective)
    {
        receives.AllGather(collective.Input.Address, collective.Output.Address, collective.Input.Bytes, rank);
        while (!IsQuiet)
            yield return true;
    }

    private IEnumerator<bool> Exchange(Parts input, Parts output)
    {
        Copying.Copy(input[rank].Address, output[rank].Address, output[rank].Bytes);
        var share = PieceElements(output[rank].Type);
        var longest = Enumerable.Range(0, ranks).Max(other => Math.Max(input[other].Count, output[other].Count));
        for (long start = 0; start < longest; start += share)
        {
            Post(input, output, start, share);
            while (!IsQuiet)
                yield return true;
        }
    }

    private IEnumerator<bool> Broadcast(Collective collective)
    {
        var buffer = collective.Output;
        for (long start = 0; start < buffer.Bytes; start += PieceBytes)
        {
            receives.Broadcast(buffer.Address + (nint)start, Math.Min(PieceBytes, buffer.Bytes - start), collective.Destination);
            while (!IsQuiet)
                yield return true;
        }
    }

    private IEnumerator<bool> Barrier()
    {
        receives.Barrier();
        while (!IsQuiet)
            yield return true;
    }

    /// <summary>All pieces at once: those of the next message between the same ranks must come after them.</summary>
    private IEnumerator<bool> Message(Collective collective)
    {
        var (input, output) = (collective.Input, collective.Output);
        for (long start = 0; collective.Kind != CollectiveKind.Send && start < output.Bytes; start += PieceBytes)
            receives.Receive(output.Address + (nint)start, Math.Min(PieceBytes, output.Bytes - start), collective.Source, MessageTag);
        for (long start = 0; collective.Kind != CollectiveKind.Receive && start < input.Bytes; start += PieceBytes)
            sends.Send(input.Address + (nint)start, Math.Min(PieceBytes, input.Bytes - start), collective.Destination, MessageTag);
        while (!IsQuiet)
            yield return true;
    }

    /// <summary>Sends every other rank a piece of its part, and receives one from each; every rank starts with another peer.</summary>
    private void Post(in Parts input, in Parts output, long start, long count, long? arrivedAt = null)
    {
        for (var distance = 1; distance < ranks; distance++)
        {
            var (next, previous) = ((rank + distance) % ranks, (rank - distance + ranks) % ranks);
            var (arriving, leaving) = (output.Piece(previous, arrivedAt ?? start, count), input.Piece(next, start, count));
            if (arriving.Count > 0)
                receives.Receive(arriving.Address, arriving.Bytes, previous, ExchangeTag);
            if (leaving.Count > 0)
                sends.Send(leaving.Address, leaving.Bytes, next, ExchangeTag);
        }
    }

    private void Reduce(ReduceOp op, NativeBuffer own, in Parts arrived, NativeBuffer result)
    {
        var sources = new nint[ranks];
        for (var other = 0; other < ranks; other++)
            sources[other] = other == rank ? own.Address : arrived[other].Address;
        Reduction.Apply(op, result.Type, sources, result.Address, result.Count);
    }

    private long PieceElements(ElementType type) => Math.Max(1, PieceBytes / ranks / type.Size());
}
