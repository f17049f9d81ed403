using System.Diagnostics;

namespace Altiplano.Distributed.Nccl;

/// <summary>Work on a GPU: events that happen when it is done.</summary>
internal sealed class NcclPending(NcclWatch watch, CollectiveLabel label, NcclLane[] lanes, nint[] happenings) : Pending
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile bool _isDone;

    public CollectiveLabel Label => label;

    public NcclLane[] Lanes => lanes;

    public NcclCommunicator Communicator => (NcclCommunicator)label.Communicator;

    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    public override bool IsCompleted => _isDone || watch.HasFailed || watch.Retire(this);

    /// <summary>Orders the compute stream behind the work. The host goes on.</summary>
    public override void Wait()
    {
        watch.ThrowIfFailed();
        watch.Order(this);
    }

    /// <summary>Under the watch's lock.</summary>
    public void Order(nint stream)
    {
        if (!_isDone)
            Array.ForEach(happenings, happening => CudaDevice.Order(stream, happening));
    }

    /// <summary>Under the watch's lock.</summary>
    /// <returns>True when it is done; its events are then free for others.</returns>
    public bool TryRetire(CudaDevice device)
    {
        if (_isDone)
            return true;
        if (!happenings.All(CudaDevice.HasHappened))
            return false;
        Array.ForEach(happenings, device.Return);
        return _isDone = true;
    }
}
