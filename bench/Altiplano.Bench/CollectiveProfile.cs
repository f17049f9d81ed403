using System.Diagnostics;
using Altiplano.Distributed;

namespace Altiplano.Bench;

/// <summary>Sums the time that a rank is blocked in each kind of collective on each axis.</summary>
internal sealed class CollectiveProfile
{
    private readonly Dictionary<(string Axis, CollectiveKind Kind, bool IsAwaited), Entry> _entries = [];

    /// <param name="isAwaited">False for an operation that was started ahead of its use.</param>
    public void Add(string axis, in Collective collective, bool isAwaited, long started)
    {
        var key = (axis, collective.Kind, isAwaited);
        var old = _entries.GetValueOrDefault(key);
        _entries[key] = new Entry(old.Calls + 1, old.Seconds + Stopwatch.GetElapsedTime(started).TotalSeconds, old.Bytes + collective.Bytes);
    }

    public void Clear() => _entries.Clear();

    public void Print(int steps)
    {
        Console.WriteLine("| axis | collective | ahead | calls a step | blocked ms a step | MB a step |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var ((axis, kind, isAwaited), entry) in _entries.OrderByDescending(pair => pair.Value.Seconds))
        {
            Console.WriteLine(
                $"| {axis} | {kind} | {(isAwaited ? "" : "yes")} | {(double)entry.Calls / steps:F1} | {entry.Seconds / steps * 1e3:F2} | " +
                $"{entry.Bytes / 1e6 / steps:F2} |");
        }
    }

    private readonly record struct Entry(long Calls, double Seconds, double Bytes);
}
