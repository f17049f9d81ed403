namespace Altiplano.Distributed.InProcess;

/// <summary>A thread's end of a group.</summary>
internal sealed class InProcessCommunicator(InProcessGroup group, int rank) : ICommunicator
{
    private long _collectives;
    private long _messages;
    private int _groups;

    public string Axis => group.Axis;

    public int Rank => rank;

    public RankGroup Members => group.Members;

    public Pending Start(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        return collective.Kind.IsPointToPoint() ? StartMessage(collective) : StartCollective(collective);
    }

    public ICommunicator Group(string axis, RankGroup members)
    {
        CollectiveRules.CheckGroup(axis, members, this);
        return new InProcessCommunicator(group.World.FindGroup(group, _groups++, axis, members), members.IndexOf(rank));
    }

    public void Dispose() { }

    private InProcessPending StartCollective(in Collective collective)
    {
        var label = new CollectiveLabel(collective.Kind, _collectives++, this);
        var rendezvous = group.Join(rank, label.Sequence, collective);
        return new InProcessPending(group, label, [rendezvous.Completion], rendezvous.Absent);
    }

    private InProcessPending StartMessage(in Collective collective)
    {
        var label = new CollectiveLabel(collective.Kind, _messages++, this);
        var parts = new List<(int Peer, Completion Completion)>(2);
        if (collective.Kind != CollectiveKind.Receive)
            parts.Add((collective.Destination, group.Send(rank, collective.Destination, collective.Input)));
        if (collective.Kind != CollectiveKind.Send)
            parts.Add((collective.Source, group.Receive(collective.Source, rank, collective.Output)));
        return new InProcessPending(
            group, label, [.. parts.Select(part => part.Completion)],
            () => parts.Where(part => !part.Completion.IsMatched).Select(part => part.Peer).Distinct());
    }
}
