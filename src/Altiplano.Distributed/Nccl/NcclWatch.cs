namespace Altiplano.Distributed.Nccl;

/// <summary>The operations of one rank that are in flight on its GPU, and the thread that keeps their deadlines.</summary>
internal sealed class NcclWatch : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<NcclPending> _inFlight = [];
    private readonly ManualResetEventSlim _closed = new();
    private readonly Thread _thread;
    private CollectiveException? _failure;

    public NcclWatch(NcclOptions options)
    {
        Options = options;
        Device = new CudaDevice(options.Device);
        _thread = new Thread(Run) { Name = "nccl watch", IsBackground = true };
        _thread.Start();
    }

    public NcclOptions Options { get; }

    public CudaDevice Device { get; }

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    private TimeSpan Deadline => Options.Communicator.Deadline;

    public void Add(NcclPending pending)
    {
        lock (_gate)
            _inFlight.Add(pending);
    }

    /// <returns>True when the operation is done.</returns>
    public bool Retire(NcclPending pending)
    {
        lock (_gate)
            return pending.TryRetire(Device);
    }

    /// <summary>Orders the compute stream behind an operation.</summary>
    public void Order(NcclPending pending)
    {
        lock (_gate)
            pending.Order(Options.ComputeStream());
    }

    /// <summary>Ends a lane, which is not looked at from then on.</summary>
    public void Release(NcclLane lane)
    {
        lock (_gate)
        {
            _inFlight.RemoveAll(pending => pending.Lanes.Contains(lane));
            // An orderly end waits for the other ranks.
            if (HasFailed)
                lane.Abort();
            lane.Dispose();
        }
    }

    /// <exception cref="CollectiveException">An operation failed earlier.</exception>
    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            throw new CollectiveException(failure.Message, failure.Absent);
    }

    /// <summary>Ends all operations with this failure; the first to fail stays.</summary>
    /// <remarks>It is known before the streams are let go, so that nobody takes what they hold for results.</remarks>
    public void Fail(CollectiveException failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        lock (_gate)
        {
            foreach (var lane in _inFlight.SelectMany(pending => pending.Lanes))
                lane.Abort();
        }
    }

    public void Dispose()
    {
        _closed.Set();
        _thread.Join();
        _closed.Dispose();
    }

    private void Run()
    {
        Device.Use();
        var pause = Deadline / 50 < LongestPause ? Deadline / 50 : LongestPause;
        while (!_closed.Wait(pause))
        {
            if (!HasFailed && FindFailure() is { } failure)
                Fail(failure);
        }
    }

    private CollectiveException? FindFailure()
    {
        NcclPending? oldest;
        lock (_gate)
        {
            _inFlight.RemoveAll(pending => pending.TryRetire(Device));
            oldest = _inFlight.FirstOrDefault();
            if (oldest is not null && FindError(oldest) is { } error)
                return error;
        }

        // Long beside the skew between ranks, whose own deadlines are over when theirs are; short beside the deadline.
        return oldest?.Age > Deadline
            ? oldest.Label.Expired(Options.Communicator, oldest.Communicator.FindAbsent(oldest.Label, Deadline / 5))
            : null;
    }

    private static CollectiveException? FindError(NcclPending pending)
    {
        try
        {
            Array.ForEach(pending.Lanes, lane => lane.ReadError());
            return null;
        }
        catch (CollectiveException error)
        {
            return new CollectiveException($"{pending.Label}: {error.Message}");
        }
    }
}
