using System.Diagnostics;

namespace Altiplano.Distributed.Mpi;

/// <summary>Moves the operations of this process forward: whoever waits drives it, else a helper thread does.</summary>
/// <remarks>
/// MPI libraries move data only inside calls, so something must call while the process computes. Every call is made under one lock and
/// returns at once: operations of different groups advance side by side, messages between two ranks cannot block each other, and
/// deadlines are kept without a watchdog. See docs/decisions/collectives.md.
/// </remarks>
internal sealed class MpiEngine : IDisposable
{
    // How often deadlines and questions of other ranks are looked at while operations are in flight, and while none is.
    private static readonly TimeSpan BusyTending = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan IdleTending = TimeSpan.FromMilliseconds(100);

    /// <summary>Rounds in which nothing ended before a waiter gives its core away in between.</summary>
    private const int PatientRounds = 1000;

    private readonly Lock _gate = new();
    private readonly MpiLibrary _library;
    private readonly CommunicatorOptions _options;
    private readonly MpiRollCall _rollCall;
    private readonly MpiScratch _scratch = new();
    private readonly List<MpiPending> _active = [];
    private readonly Queue<MpiPending> _starting = [];
    private readonly Dictionary<long, MpiCommunicator> _communicators = [];
    private readonly MpiHelper _helper;
    private CollectiveException? _failure;
    private long _tended;
    private int _waiters;

    public MpiEngine(MpiLibrary library, CommunicatorOptions options, MpiRollCall rollCall)
    {
        (_library, _options, _rollCall) = (library, options, rollCall);
        _helper = new MpiHelper(TryHelp, IdleTending);
    }

    /// <summary>Starts an operation that nobody waits for yet.</summary>
    /// <exception cref="CollectiveException">The engine has failed.</exception>
    public MpiPending Start(MpiCommunicator communicator, in Collective collective)
    {
        var pending = Add(communicator, collective);
        if (!pending.IsCompleted)
            _helper.Wake();
        return pending;
    }

    /// <summary>Starts an operation and waits for it; the helper sleeps on, which a wake-up of 10 µs makes worth a method.</summary>
    /// <exception cref="CollectiveException">The engine has failed, or does before the operation is done.</exception>
    public void Run(MpiCommunicator communicator, in Collective collective) => Wait(Add(communicator, collective));

    /// <exception cref="CollectiveException">The engine failed before the operation was done.</exception>
    public void Wait(MpiPending pending)
    {
        Interlocked.Increment(ref _waiters);
        try
        {
            Drive(pending);
        }
        finally
        {
            if (Interlocked.Decrement(ref _waiters) == 0 && _active.Count > 0)
                _helper.Wake();
        }
    }

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public MpiTransfer NewTransfer(nint handle, int rank, int ranks) =>
        new(new MpiRequests(_library.Constants, handle), new MpiRequests(_library.Constants, handle), _scratch, rank, ranks);

    /// <summary>Splits an MPI communicator; every rank of it is about to call this.</summary>
    public (nint Handle, int Size) Split(nint handle, int color, int key)
    {
        lock (_gate)
        {
            var part = MpiLibrary.Split(handle, color, key);
            return (part, MpiLibrary.Size(part));
        }
    }

    public void Add(MpiCommunicator communicator)
    {
        lock (_gate)
            _communicators.Add(communicator.Id, communicator);
    }

    /// <summary>Forgets a communicator and frees its handle; after a failure the handle is left to the end of the process.</summary>
    public void Remove(MpiCommunicator communicator, nint handle)
    {
        lock (_gate)
        {
            if (_communicators.Remove(communicator.Id) && _failure is null)
                MpiLibrary.Free(handle);
        }
    }

    public void Dispose()
    {
        _helper.Dispose();
        // After a failure the library may still hold addresses in it.
        if (_active.Count == 0)
            _scratch.Dispose();
    }

    private void Drive(MpiPending pending)
    {
        for (var idleRounds = 0; !pending.IsEnded;)
        {
            lock (_gate)
            {
                if (!pending.IsEnded)
                    ThrowIfFailed();
                idleRounds = Advance() ? 0 : idleRounds + 1;
            }

            // Gives the core away where there are more ranks than cores, and returns at once elsewhere.
            if (idleRounds > PatientRounds)
                Thread.Yield();
            else if (idleRounds > 0)
                Thread.SpinWait(1);
        }
    }

    private MpiPending Add(MpiCommunicator communicator, in Collective collective)
    {
        lock (_gate)
        {
            ThrowIfFailed();
            if (communicator.Enqueue(collective, out var pending))
                _starting.Enqueue(pending);
            Advance();
            return pending;
        }
    }

    /// <summary>A round on behalf of a main thread that computes.</summary>
    /// <returns>True while operations are in flight that nobody waits for.</returns>
    private bool TryHelp()
    {
        if (Volatile.Read(ref _waiters) > 0)
            return false;
        lock (_gate)
        {
            if (!HasFailed)
                Advance();
            return !HasFailed && _active.Count > 0;
        }
    }

    /// <summary>One round over all operations; what goes wrong in it ends the engine.</summary>
    /// <returns>True when one ended.</returns>
    private bool Advance()
    {
        try
        {
            var hasEnded = false;
            for (var i = _active.Count - 1; i >= 0; i--)
                hasEnded |= Step(_active[i]);
            for (; _starting.TryDequeue(out var next); hasEnded |= Step(next))
                _active.Add(next);
            if (Stopwatch.GetElapsedTime(_tended) > BusyTending)
                Tend();
            return hasEnded;
        }
        catch (CollectiveException failure)
        {
            _failure = failure;
            return true;
        }
    }

    private bool Step(MpiPending pending)
    {
        if (!pending.Advance())
            return false;
        _active.Remove(pending);
        if (pending.Communicator.Dequeue(pending) is { } next)
            _starting.Enqueue(next);
        return true;
    }

    private void Tend()
    {
        _tended = Stopwatch.GetTimestamp();
        _rollCall.Tend(group => _communicators.TryGetValue(group, out var communicator) ? communicator.NumStarted : 0);
        var expired = _active.Find(pending => pending.Age > _options.Deadline);
        if (expired is not null && _rollCall.FindAbsent(expired) is { } absent)
            _failure = expired.Label.Expired(_options, absent);
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new CollectiveException(_failure.Message, _failure.Absent);
    }
}
