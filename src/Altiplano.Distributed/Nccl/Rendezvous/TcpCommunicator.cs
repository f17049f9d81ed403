using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>A group of ranks that exchange short messages through rank 0; enough to start NCCL and to tell who is absent.</summary>
/// <param name="name">The same on all ranks of the group, and no other group's.</param>
internal sealed unsafe class TcpCommunicator(
    TcpEndpoint endpoint, CommunicatorOptions options, string name, string axis, int rank, RankGroup members) : ICommunicator
{
    private long _collectives;
    private long _messages;
    private int _groups;

    /// <summary>True for the world, which closes the connections.</summary>
    public bool IsOwner { get; init; }

    public string Axis => axis;

    public int Rank => rank;

    public RankGroup Members => members;

    public Pending Start(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        var sequence = collective.Kind.IsPointToPoint() ? Interlocked.Increment(ref _messages) - 1 : _collectives++;
        var label = new CollectiveLabel(collective.Kind, sequence, this);
        return collective.Kind switch
        {
            CollectiveKind.Broadcast => Broadcast(label, collective),
            CollectiveKind.Barrier => Meet(label),
            CollectiveKind.Send or CollectiveKind.Receive or CollectiveKind.SendReceive => Exchange(label, collective),
            _ => throw new CollectiveException($"{label}: the rendezvous only starts NCCL, which moves data."),
        };
    }

    public ICommunicator Group(string axis, RankGroup members)
    {
        CollectiveRules.CheckGroup(axis, members, this);
        Start(Collective.Barrier()).Wait();
        return new TcpCommunicator(
            endpoint, options, $"{name}/{_groups++}.{members[0]}", axis, members.IndexOf(rank), Members.Select(members));
    }

    public void Dispose()
    {
        if (IsOwner)
            endpoint.Dispose();
    }

    private TcpPending Broadcast(CollectiveLabel label, Collective collective)
    {
        var channel = $"{name} broadcast {label.Sequence}";
        if (collective.Destination != rank)
            return new TcpPending(label, options, [Expect(channel, collective.Destination, collective.Output)]);
        for (var other = 0; other < members.Count; other++)
        {
            if (other != rank)
                Send(channel, other, collective.Input);
        }

        return new TcpPending(label, options, []);
    }

    private TcpPending Exchange(CollectiveLabel label, Collective collective)
    {
        var channel = $"{name} messages";
        if (collective.Kind != CollectiveKind.Receive)
            Send(channel, collective.Destination, collective.Input);
        return new TcpPending(
            label, options, collective.Kind == CollectiveKind.Send ? [] : [Expect(channel, collective.Source, collective.Output)]);
    }

    /// <summary>All tell the group's first rank, which tells all: at its deadline, who is absent.</summary>
    private Pending Meet(CollectiveLabel label)
    {
        var (arrival, answer) = ($"{name} arrival {label.Sequence}", $"{name} answer {label.Sequence}");
        var started = Stopwatch.GetTimestamp();
        if (rank != 0)
        {
            endpoint.Send(new TcpFrame(members[0], members[rank], arrival, []));
            int[] named = [];
            var receipt = endpoint.Mailbox.Expect(answer, members[0], body => named = [.. MemoryMarshal.Cast<byte, int>(body)]);
            if (!receipt.Wait(options.Deadline * 1.2, started))
                throw label.Expired(options, absent: null);
            return named.Length == 0 ? Pending.Completed : throw label.Expired(options, named);
        }

        var receipts = Others().Select(other => endpoint.Mailbox.Expect(arrival, other, _ => { })).ToList();
        receipts.ForEach(receipt => receipt.Wait(options.Deadline, started));
        int[] absent = [.. receipts.Where(receipt => !receipt.IsCompleted).Select(receipt => receipt.From)];
        foreach (var other in Others())
            endpoint.Send(new TcpFrame(other, members[0], answer, MemoryMarshal.AsBytes(absent.AsSpan()).ToArray()));
        return absent.Length == 0 ? Pending.Completed : throw label.Expired(options, absent);
    }

    /// <summary>World ranks of the group but this one.</summary>
    private IEnumerable<int> Others() => Enumerable.Range(0, members.Count).Where(other => other != rank).Select(other => members[other]);

    private void Send(string channel, int to, NativeBuffer buffer)
    {
        if (buffer.Bytes > TcpFrame.MaxBody)
            throw new CollectiveException($"A message of {buffer.Bytes} bytes: the rendezvous only starts NCCL, and takes {TcpFrame.MaxBody}.");
        var body = new ReadOnlySpan<byte>((void*)buffer.Address, (int)buffer.Bytes).ToArray();
        endpoint.Send(new TcpFrame(members[to], members[rank], channel, body));
    }

    private TcpReceipt Expect(string channel, int from, NativeBuffer buffer) => endpoint.Mailbox.Expect(channel, members[from], body =>
    {
        if (body.Length != buffer.Bytes)
            throw new CollectiveException($"Rank {members[from]} sent {body.Length} bytes where rank {members[rank]} waits for {buffer.Bytes}.");
        body.CopyTo(new Span<byte>((void*)buffer.Address, body.Length));
    });
}
