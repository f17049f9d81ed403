namespace Altiplano.Distributed.Recording;

/// <summary>An operation in flight that tells when it is waited for and when its result is there.</summary>
internal sealed class ObservedPending(Pending inner, CollectiveRecord collective, ICollectiveObserver observer) : Pending
{
    private bool _isKnownDone;
    private bool _hasEnded;

    public override (long Begun, long Ended)? Moved => inner.Moved;

    public override bool IsCompleted => _isKnownDone = inner.IsCompleted;

    public override void Wait()
    {
        if (!_isKnownDone && !_hasEnded)
            observer.OnWait(collective);
        inner.Wait();
        if (_hasEnded)
            return;
        if (inner.Moved is { } moved)
            observer.OnMoved(collective, moved.Begun, moved.Ended);
        observer.OnEnd(collective);
        _hasEnded = true;
    }
}
