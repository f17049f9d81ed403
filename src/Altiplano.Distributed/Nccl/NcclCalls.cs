namespace Altiplano.Distributed.Nccl;

/// <summary>Which of NCCL's functions make an operation; called within a group.</summary>
internal static class NcclCalls
{
    /// <param name="scratch">Eight bytes of the GPU for a barrier.</param>
    /// <param name="lane">For collectives.</param>
    /// <param name="toward">For messages from a rank to a rank.</param>
    public static void Issue(in Collective one, ICommunicator group, nint scratch, NcclLane lane, Func<int, int, NcclLane> toward)
    {
        var (input, output, comm, stream) = (one.Input, one.Output, lane.Comm, lane.Stream);
        var (type, op) = (NcclLibrary.TypeOf(input.Type), NcclLibrary.OpOf(one.Op));
        switch (one.Kind)
        {
            case CollectiveKind.AllReduce:
                Check(NcclNative.ncclAllReduce(input.Address, output.Address, (nuint)input.Count, type, op, comm, stream), lane);
                break;
            case CollectiveKind.ReduceScatter:
                Check(NcclNative.ncclReduceScatter(input.Address, output.Address, (nuint)output.Count, type, op, comm, stream), lane);
                break;
            case CollectiveKind.AllGather:
                Check(NcclNative.ncclAllGather(input.Address, output.Address, (nuint)input.Count, type, comm, stream), lane);
                break;
            case CollectiveKind.Broadcast:
                Check(NcclNative.ncclBroadcast(
                    input.Address, output.Address, (nuint)input.Count, type, one.Destination, comm, stream), lane);
                break;
            case CollectiveKind.Barrier:
                Check(NcclNative.ncclAllReduce(scratch, scratch, 1, NcclLibrary.TypeOf(ElementType.Int64), op, comm, stream), lane);
                break;
            case CollectiveKind.AllToAll:
                Exchange(one, group.Members.Count, lane);
                break;
            default:
                if (one.Kind != CollectiveKind.Receive)
                    Send(input, one.Destination, toward(group.Rank, one.Destination));
                if (one.Kind != CollectiveKind.Send)
                    Receive(output, one.Source, toward(one.Source, group.Rank));
                break;
        }
    }

    private static void Exchange(in Collective one, int ranks, NcclLane lane)
    {
        var (input, output) = (Parts.Counted(one.Input, one.SendCounts, ranks), Parts.Counted(one.Output, one.ReceiveCounts, ranks));
        for (var rank = 0; rank < ranks; rank++)
        {
            if (input[rank].Count > 0)
                Send(input[rank], rank, lane);
            if (output[rank].Count > 0)
                Receive(output[rank], rank, lane);
        }
    }

    private static void Send(NativeBuffer data, int peer, NcclLane lane) =>
        Check(NcclNative.ncclSend(data.Address, (nuint)data.Count, NcclLibrary.TypeOf(data.Type), peer, lane.Comm, lane.Stream), lane);

    private static void Receive(NativeBuffer data, int peer, NcclLane lane) =>
        Check(NcclNative.ncclRecv(data.Address, (nuint)data.Count, NcclLibrary.TypeOf(data.Type), peer, lane.Comm, lane.Stream), lane);

    private static void Check(int result, NcclLane lane) => NcclLibrary.Check(result, lane.Comm);
}
