using System.Diagnostics;
using Altiplano.Torch;

namespace Altiplano.Bench;

/// <summary>Sums the time, FLOPs and bytes of each operator that an engine runs.</summary>
internal sealed class OperatorProfile : IOperatorObserver
{
    private readonly Dictionary<string, Entry> _entries = [];
    private long _start;
    private bool _isStopped;

    public void OnStart(in OperatorCall call) => _start = Stopwatch.GetTimestamp();

    public void OnEnd(in OperatorCall call)
    {
        if (_isStopped)
            return;
        var elapsed = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        _entries[call.Name] = _entries.GetValueOrDefault(call.Name).Plus(elapsed, call);
    }

    public void OnAllocate(in Allocation allocation)
    {
    }

    public void OnRelease(in Allocation allocation)
    {
    }

    /// <summary>Counts nothing from here on.</summary>
    public void Stop() => _isStopped = true;

    public void Clear() => _entries.Clear();

    public void Print(int steps)
    {
        Console.WriteLine("| operator | calls a step | ms a step | GFLOP/s | GB/s |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, entry) in _entries.OrderByDescending(pair => pair.Value.Seconds))
        {
            Console.WriteLine(
                $"| {name} | {(double)entry.Calls / steps:F1} | {entry.Seconds / steps * 1e3:F2} | " +
                $"{entry.Flops / entry.Seconds / 1e9:F0} | {entry.Bytes / entry.Seconds / 1e9:F1} |");
        }
    }

    private readonly record struct Entry(long Calls, double Seconds, double Flops, double Bytes)
    {
        public Entry Plus(double seconds, in OperatorCall call) =>
            new(Calls + 1, Seconds + seconds, Flops + call.Flops, Bytes + call.Bytes);
    }
}
