using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Machines;

namespace Altiplano.Training.Measuring;

/// <summary>Counts the collectives of a step by axis and kind.</summary>
internal sealed class CollectiveTotals
{
    private readonly SortedDictionary<(string Axis, string Name), (long Calls, double Bytes)> _totals = [];

    public void Add(CollectiveRecord record)
    {
        var key = (record.Axis, record.Kind.Name());
        var total = _totals.GetValueOrDefault(key);
        _totals[key] = (total.Calls + 1, total.Bytes + record.Bytes);
    }

    public IReadOnlyList<CollectiveWork> ToWork() =>
        [.. _totals.Select(t => new CollectiveWork(t.Key.Axis, t.Key.Name, t.Value.Calls, t.Value.Bytes))];
}
