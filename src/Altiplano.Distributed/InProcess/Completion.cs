using System.Diagnostics;

namespace Altiplano.Distributed.InProcess;

/// <summary>What one thread waits for and another one ends.</summary>
internal sealed class Completion
{
    private readonly object _gate = new();
    private CollectiveException? _failure;
    private volatile bool _isEnded;

    public bool IsEnded => _isEnded;

    /// <summary>A reading of <see cref="Stopwatch.GetTimestamp"/>; 0 before the end.</summary>
    public long EndedAt { get; private set; }

    /// <summary>True once all who take part have come: from then on memory moves, and only <see cref="Finish"/> may end it.</summary>
    /// <remarks>Read and written under the group's lock.</remarks>
    public bool IsMatched { get; set; }

    public void Finish() => End(null);

    public void Fail(CollectiveException failure) => End(failure);

    /// <returns>False when the time is over.</returns>
    /// <exception cref="CollectiveException">It ended in failure; a new one, as several threads may throw it.</exception>
    public bool Wait(TimeSpan time)
    {
        var spinner = new SpinWait();
        while (!_isEnded && !spinner.NextSpinWillYield)
            spinner.SpinOnce();
        lock (_gate)
        {
            if (!_isEnded && !Monitor.Wait(_gate, time) && !_isEnded)
                return false;
        }

        return _failure is null ? true : throw new CollectiveException(_failure.Message, _failure.Absent);
    }

    private void End(CollectiveException? failure)
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            _failure = failure;
            EndedAt = Stopwatch.GetTimestamp();
            _isEnded = true;
            Monitor.PulseAll(_gate);
        }
    }
}
