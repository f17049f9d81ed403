namespace Altiplano.Distributed.Recording;

/// <summary>An operation in flight that tells when it is waited for and when its result is there.</summary>
internal sealed class ObservedPending(Pending inner, CollectiveRecord collective, ICollectiveObserver observer) : Pending
{
    private bool _isKnownDone;
    private bool _hasEnded;

    public override bool IsCompleted => _isKnownDone = inner.IsCompleted;

    public override void Wait()
    {
        if (!_isKnownDone && !_hasEnded)
            observer.OnWait(collective);
        inner.Wait();
        if (!_hasEnded)
            observer.OnEnd(collective);
        _hasEnded = true;
    }
}
