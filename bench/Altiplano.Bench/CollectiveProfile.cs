using System.Diagnostics;
using Altiplano.Distributed;
using Altiplano.Distributed.Recording;

namespace Altiplano.Bench;

/// <summary>Sums the time that a rank waits in each kind of collective on each axis.</summary>
internal sealed class CollectiveProfile : ICollectiveObserver
{
    private readonly Dictionary<(string Axis, CollectiveKind Kind), Entry> _entries = [];
    private long _waiting;

    public void OnStart(in CollectiveRecord collective)
    {
        var key = (collective.Axis, collective.Kind);
        var entry = _entries.GetValueOrDefault(key);
        _entries[key] = entry with { Calls = entry.Calls + 1, Bytes = entry.Bytes + collective.Bytes };
    }

    public void OnWait(in CollectiveRecord collective) => _waiting = Stopwatch.GetTimestamp();

    public void OnEnd(in CollectiveRecord collective)
    {
        if (_waiting == 0)
            return;
        var key = (collective.Axis, collective.Kind);
        var entry = _entries.GetValueOrDefault(key);
        _entries[key] = entry with { Seconds = entry.Seconds + Stopwatch.GetElapsedTime(_waiting).TotalSeconds };
        _waiting = 0;
    }

    public void Clear() => _entries.Clear();

    public void Print(int steps)
    {
        Console.WriteLine("| axis | collective | calls a step | waited ms a step | MB a step |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var ((axis, kind), entry) in _entries.OrderByDescending(pair => pair.Value.Seconds))
        {
            Console.WriteLine(
                $"| {axis} | {kind} | {(double)entry.Calls / steps:F1} | {entry.Seconds / steps * 1e3:F2} | {entry.Bytes / 1e6 / steps:F2} |");
        }
    }

    private readonly record struct Entry(long Calls, double Seconds, double Bytes);
}
