using Altiplano.Distributed.Reductions;

namespace Altiplano.Distributed.InProcess;

/// <summary>What the ranks of one group share. The last rank to come moves the memory of all.</summary>
internal sealed class InProcessGroup(InProcessWorld world, int id, string axis, RankGroup members)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Rendezvous> _open = [];
    private readonly Letterbox _letters = new();
    private CollectiveException? _failure;

    public InProcessWorld World { get; } = world;

    public int Id { get; } = id;

    public string Axis { get; } = axis;

    public RankGroup Members { get; } = members;

    /// <summary>Joins the collective with this number.</summary>
    /// <exception cref="CollectiveException">The group has failed.</exception>
    public Rendezvous Join(int rank, long sequence, in Collective collective)
    {
        Rendezvous? rendezvous;
        lock (_gate)
        {
            ThrowIfFailed();
            if (!_open.TryGetValue(sequence, out rendezvous))
                _open[sequence] = rendezvous = new Rendezvous(Members.Count);
            rendezvous.Arrive(rank, collective);
            if (!rendezvous.Completion.IsMatched)
                return rendezvous;
            _open.Remove(sequence);
        }

        if (InProcessTransfer.FindMismatch(rendezvous.Collectives()) is { } mismatch)
        {
            Fail(rendezvous.Completion, new CollectiveException($"Collective #{sequence} on axis {Axis}: {mismatch}"));
            return rendezvous;
        }

        InProcessTransfer.Run(rendezvous.Collectives());
        rendezvous.Completion.Finish();
        return rendezvous;
    }

    /// <exception cref="CollectiveException">The group has failed.</exception>
    public Completion Send(int from, int to, NativeBuffer buffer)
    {
        var sent = new Letter(buffer, new Completion());
        if (Meet(sent, () => _letters.TakeAwaited(from, to), () => _letters.AddSent(from, to, sent)) is { } awaited)
            Deliver(from, to, sent, awaited);
        return sent.Completion;
    }

    /// <exception cref="CollectiveException">The group has failed.</exception>
    public Completion Receive(int from, int to, NativeBuffer buffer)
    {
        var awaited = new Letter(buffer, new Completion());
        if (Meet(awaited, () => _letters.TakeSent(from, to), () => _letters.AddAwaited(from, to, awaited)) is { } sent)
            Deliver(from, to, sent, awaited);
        return awaited.Completion;
    }

    /// <summary>Ends the group because a rank waited too long; null when the wait is for memory that is being moved.</summary>
    public CollectiveException? Expire(CollectiveLabel label, Completion completion, Func<IEnumerable<int>> absent)
    {
        lock (_gate)
        {
            if (completion.IsMatched)
                return null;
            _failure ??= label.Expired(World.Options, [.. absent().Select(rank => Members[rank])]);
        }

        World.Fail(_failure);
        return _failure;
    }

    public void Fail(CollectiveException failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            foreach (var rendezvous in _open.Values)
                rendezvous.Completion.Fail(failure);
            _letters.Fail(failure);
        }
    }

    private Letter? Meet(Letter mine, Func<Letter?> take, Action add)
    {
        lock (_gate)
        {
            ThrowIfFailed();
            var other = take();
            if (other is null)
                add();
            else
                mine.Completion.IsMatched = other.Value.Completion.IsMatched = true;
            return other;
        }
    }

    private void Deliver(int from, int to, Letter sent, Letter awaited)
    {
        if ((sent.Buffer.Count, sent.Buffer.Type) == (awaited.Buffer.Count, awaited.Buffer.Type))
        {
            Copying.Copy(sent.Buffer.Address, awaited.Buffer.Address, sent.Buffer.Bytes);
            sent.Completion.Finish();
            awaited.Completion.Finish();
            return;
        }

        var failure = new CollectiveException(
            $"Axis {Axis}: rank {Members[from]} sends {sent.Buffer.Count} {sent.Buffer.Type}, " +
            $"but rank {Members[to]} receives {awaited.Buffer.Count} {awaited.Buffer.Type}.");
        Fail(sent.Completion, failure);
        Fail(awaited.Completion, failure);
    }

    private void Fail(Completion completion, CollectiveException failure)
    {
        completion.Fail(failure);
        World.Fail(failure);
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new CollectiveException(_failure.Message, _failure.Absent);
    }
}
