namespace Altiplano.Distributed.Mpi;

/// <summary>A process's end of a group, on an MPI communicator of its own.</summary>
internal sealed class MpiCommunicator(
    MpiEngine engine, nint handle, long id, string axis, int rank, RankGroup members) : ICommunicator
{
    private readonly Queue<MpiPending> _queue = [];
    private long _messages;
    private int _groups;

    /// <summary>The same on every rank of the group, and no other group's.</summary>
    public long Id => id;

    public string Axis => axis;

    public int Rank => rank;

    public RankGroup Members => members;

    /// <summary>Collectives that this rank has started.</summary>
    public long NumStarted { get; private set; }

    public Pending Start(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        return engine.Start(this, collective);
    }

    public void Run(in Collective collective)
    {
        CollectiveRules.Check(collective, this);
        engine.Run(this, collective);
    }

    public ICommunicator Group(string axis, RankGroup members)
    {
        CollectiveRules.CheckGroup(axis, members, this);
        // MPI's split has no deadline; after a barrier, which has one, every rank is about to call it.
        Run(Collective.Barrier());
        var key = members.IndexOf(rank);
        var part = engine.Split(handle, color: members[0], key);
        if (part.Size != members.Count)
            throw new CollectiveException(
                $"The group of axis {axis} with first rank {members[0]} has {members.Count} ranks here, " +
                $"but {part.Size} ranks asked for it.");
        var group = new MpiCommunicator(engine, part.Handle, NextId(members[0]), axis, key, Members.Select(members));
        engine.Add(group);
        return group;
    }

    public void Dispose() => engine.Remove(this, handle);

    /// <summary>A new operation in its order. Under the engine's lock.</summary>
    /// <returns>True when nothing on this communicator is before it.</returns>
    public bool Enqueue(in Collective collective, out MpiPending pending)
    {
        var isMessage = collective.Kind.IsPointToPoint();
        var label = new CollectiveLabel(collective.Kind, isMessage ? _messages++ : NumStarted++, this);
        pending = new MpiPending(engine, label, collective, engine.NewTransfer(handle, Rank, Members.Count));
        if (isMessage)
            return true;
        _queue.Enqueue(pending);
        return _queue.Count == 1;
    }

    /// <summary>The operation that may start now that one has ended; null when there is none. Under the engine's lock.</summary>
    public MpiPending? Dequeue(MpiPending ended)
    {
        if (ended.Label.Kind.IsPointToPoint())
            return null;
        _queue.Dequeue();
        return _queue.TryPeek(out var next) ? next : null;
    }

    private long NextId(int first)
    {
        // SplitMix64's finalizer: groups of a job are few beside 2^64.
        var mixed = (ulong)id + ((ulong)++_groups << 32) + (ulong)first + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (long)(mixed ^ (mixed >> 31));
    }
}
