using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Mpi;

/// <summary>The thread that drives the engine while nobody waits for it.</summary>
internal sealed partial class MpiHelper : IDisposable
{
    /// <summary>Between two rounds: short beside the milliseconds that a piece takes, long beside the cost of a round.</summary>
    private const uint NapMicroseconds = 50;

    private readonly AutoResetEvent _work = new(false);
    private readonly Func<bool> _round;
    private readonly TimeSpan _idle;
    private readonly Thread _thread;
    private volatile bool _isClosed;

    /// <param name="round">Returns true when another round is due at once.</param>
    /// <param name="idle">Time between rounds when none is.</param>
    public MpiHelper(Func<bool> round, TimeSpan idle)
    {
        (_round, _idle) = (round, idle);
        _thread = new Thread(Run) { Name = "communication", IsBackground = true };
        _thread.Start();
    }

    public void Wake() => _work.Set();

    public void Dispose()
    {
        _isClosed = true;
        _work.Set();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        while (!_isClosed)
        {
            if (_round())
                _ = usleep(NapMicroseconds);
            else
                _work.WaitOne(_idle);
        }
    }

    [LibraryImport("libc")]
    private static partial int usleep(uint microseconds);
}
