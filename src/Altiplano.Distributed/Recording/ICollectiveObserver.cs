namespace Altiplano.Distributed.Recording;

/// <summary>Sees the operations of one rank.</summary>
public interface ICollectiveObserver
{
    /// <summary>It is about to start.</summary>
    void OnStart(in CollectiveRecord collective);

    /// <summary>The rank begins to wait for it. Not called where the rank asked first and found it done.</summary>
    void OnWait(in CollectiveRecord collective);

    /// <summary>
    /// When data moved, told before the end where the engine knows; readings of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.
    /// </summary>
    void OnMoved(in CollectiveRecord collective, long begun, long ended)
    {
    }

    /// <summary>The rank has its result.</summary>
    void OnEnd(in CollectiveRecord collective);
}

/// <summary>Passes on what starts.</summary>
internal sealed class StartListener(Action<CollectiveRecord> listener) : ICollectiveObserver
{
    public void OnStart(in CollectiveRecord collective) => listener(collective);

    public void OnWait(in CollectiveRecord collective) { }

    public void OnEnd(in CollectiveRecord collective) { }
}
