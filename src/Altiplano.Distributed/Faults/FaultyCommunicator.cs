namespace Altiplano.Distributed.Faults;

/// <summary>Passes operations on, but for the one that a fault strikes. For drills and tests.</summary>
/// <remarks>Groups that are made of it are struck by the same fault.</remarks>
public sealed class FaultyCommunicator(ICommunicator inner, Fault fault) : ICommunicator
{
    private long _operations;

    public string Axis => inner.Axis;

    public int Rank => inner.Rank;

    public RankGroup Members => inner.Members;

    public Pending Start(in Collective collective)
    {
        var isStruck = Axis == fault.Axis && _operations++ == fault.Operation;
        return isStruck ? StartStruck(collective) : inner.Start(collective);
    }

    public ICommunicator Group(string axis, RankGroup members) => new FaultyCommunicator(inner.Group(axis, members), fault);

    public void Dispose() => inner.Dispose();

    private Pending StartStruck(in Collective collective)
    {
        switch (fault.Kind)
        {
            case FaultKind.Drop:
                return Pending.Completed;
            case FaultKind.Delay:
                fault.Delay();
                break;
            case FaultKind.Kill:
                fault.Kill();
                break;
        }

        var pending = inner.Start(collective);
        return fault.Kind == FaultKind.Corrupt ? new CorruptedPending(pending, collective.Output) : pending;
    }
}
