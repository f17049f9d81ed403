namespace Altiplano.Distributed.Recording;

/// <summary>Tells of each operation before it starts, when it is waited for and when it is done; passes it on.</summary>
/// <remarks>Groups that are made of it tell the same observer. It holds two counters, whatever the number of ranks.</remarks>
public sealed class RecordingCommunicator(ICommunicator inner, ICollectiveObserver observer) : ICommunicator
{
    private long _collectives;
    private long _messages;

    /// <param name="listener">Hears of each operation before it starts.</param>
    public RecordingCommunicator(ICommunicator inner, Action<CollectiveRecord> listener)
        : this(inner, new StartListener(listener))
    {
    }

    public string Axis => inner.Axis;

    public int Rank => inner.Rank;

    public RankGroup Members => inner.Members;

    /// <summary>One rank of a world of which nobody else is there: it records, and moves no memory.</summary>
    public static ICommunicator Alone(int rank, int ranks, Action<CollectiveRecord> listener) => Alone(rank, ranks, new StartListener(listener));

    /// <inheritdoc cref="Alone(int, int, Action{CollectiveRecord})"/>
    public static ICommunicator Alone(int rank, int ranks, ICollectiveObserver observer) =>
        new RecordingCommunicator(new AbsentWorld("world", rank, RankGroup.All(ranks)), observer);

    public Pending Start(in Collective collective)
    {
        var record = Tell(collective);
        return new ObservedPending(inner.Start(collective), record, observer);
    }

    public void Run(in Collective collective)
    {
        var record = Tell(collective);
        observer.OnWait(record);
        inner.Run(collective);
        observer.OnEnd(record);
    }

    public ICommunicator Group(string axis, RankGroup members) => new RecordingCommunicator(inner.Group(axis, members), observer);

    public void Dispose() => inner.Dispose();

    private CollectiveRecord Tell(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        var record = Describe(collective);
        observer.OnStart(record);
        return record;
    }

    private CollectiveRecord Describe(in Collective collective)
    {
        var kind = collective.Kind;
        var sequence = kind.IsPointToPoint() ? _messages++ : _collectives++;
        int? destination = kind is CollectiveKind.Broadcast or CollectiveKind.Send or CollectiveKind.SendReceive
            ? Members[collective.Destination]
            : null;
        int? source = kind is CollectiveKind.Receive or CollectiveKind.SendReceive ? Members[collective.Source] : null;
        return new CollectiveRecord(Axis, Members, kind, collective.Op, sequence, collective.Bytes, destination, source)
        {
            Exchange = ExchangeBytes.Of(collective, Members.Count),
        };
    }
}
