using System.Diagnostics;

namespace Altiplano.Distributed.Mpi;

/// <summary>An operation that the engine works on.</summary>
internal sealed class MpiPending(MpiEngine engine, CollectiveLabel label, Collective collective, MpiTransfer transfer) : Pending
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private IEnumerator<bool>? _steps;
    private long _begun;
    private long _ended;
    private volatile bool _isEnded;

    public CollectiveLabel Label => label;

    public MpiCommunicator Communicator => (MpiCommunicator)label.Communicator;

    public bool IsEnded => _isEnded;

    public override bool IsCompleted => _isEnded || engine.HasFailed;

    public override (long Begun, long Ended)? Moved => _isEnded ? (_begun, _ended) : null;

    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>Takes the next step. Under the engine's lock.</summary>
    /// <returns>True when that was the last.</returns>
    public bool Advance()
    {
        if (_steps is null)
            (_steps, _begun) = (transfer.Steps(collective), Stopwatch.GetTimestamp());
        if (_steps.MoveNext())
            return false;
        _ended = Stopwatch.GetTimestamp();
        return _isEnded = true;
    }

    /// <summary>Ranks of the group that a message between two waits for.</summary>
    public IEnumerable<int> AwaitedPeers()
    {
        if (collective.Kind != CollectiveKind.Receive && !transfer.IsSent)
            yield return collective.Destination;
        if (collective.Kind != CollectiveKind.Send && !transfer.IsReceived)
            yield return collective.Source;
    }

    public override void Wait() => engine.Wait(this);
}
