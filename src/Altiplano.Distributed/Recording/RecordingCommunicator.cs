namespace Altiplano.Distributed.Recording;

/// <summary>Tells of each operation before it starts, then passes it on.</summary>
/// <remarks>Groups that are made of it tell the same listener. It holds two counters, whatever the number of ranks.</remarks>
public sealed class RecordingCommunicator(ICommunicator inner, Action<CollectiveRecord> listener) : ICommunicator
{
    private long _collectives;
    private long _messages;

    public string Axis => inner.Axis;

    public int Rank => inner.Rank;

    public RankGroup Members => inner.Members;

    /// <summary>One rank of a world of which nobody else is there: it records, and moves no memory.</summary>
    public static ICommunicator Alone(int rank, int ranks, Action<CollectiveRecord> listener) =>
        new RecordingCommunicator(new AbsentWorld("world", rank, RankGroup.All(ranks)), listener);

    public Pending Start(in Collective collective)
    {
        Tell(collective);
        return inner.Start(collective);
    }

    public void Run(in Collective collective)
    {
        Tell(collective);
        inner.Run(collective);
    }

    public ICommunicator Group(string axis, RankGroup members) => new RecordingCommunicator(inner.Group(axis, members), listener);

    public void Dispose() => inner.Dispose();

    private void Tell(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        listener(Describe(collective));
    }

    private CollectiveRecord Describe(in Collective collective)
    {
        var kind = collective.Kind;
        var sequence = kind.IsPointToPoint() ? _messages++ : _collectives++;
        int? destination = kind is CollectiveKind.Broadcast or CollectiveKind.Send or CollectiveKind.SendReceive
            ? Members[collective.Destination]
            : null;
        int? source = kind is CollectiveKind.Receive or CollectiveKind.SendReceive ? Members[collective.Source] : null;
        return new CollectiveRecord(Axis, Members.Count, kind, collective.Op, sequence, collective.Bytes, destination, source);
    }
}
