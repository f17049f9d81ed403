using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Simulation;

/// <summary>What a failure does to its server.</summary>
internal enum FailureKind
{
    Kept,
    Lost,
    Corrupting,
}

/// <summary>Every way in which a run can fail, to be drawn by rate.</summary>
internal sealed class FailureTable
{
    private readonly double[] _cumulative;
    private readonly (int Component, FailureKind Kind)[] _rows;

    public FailureTable(SimulatedRunSpec spec)
    {
        var rows = new List<(int, FailureKind)>();
        var cumulative = new List<double>();
        foreach (var (component, i) in spec.Rates.Components.Select((component, i) => (component, i)))
        {
            var rate = component.Rate.PerServerSecond(spec.GpusPerServer) * spec.Servers;
            if (component.Component == FailureComponent.SilentCorruption)
            {
                Add(i, FailureKind.Corrupting, rate);
                continue;
            }

            Add(i, FailureKind.Kept, rate * (1 - component.ServerLossShare));
            Add(i, FailureKind.Lost, rate * component.ServerLossShare);
        }

        (_rows, _cumulative) = ([.. rows], [.. cumulative]);
        MeanSeconds = 1 / Total;

        void Add(int component, FailureKind kind, double rate)
        {
            if (rate == 0)
                return;
            Total += rate;
            rows.Add((component, kind));
            cumulative.Add(Total);
        }
    }

    /// <summary>Between failures; endless where nothing fails.</summary>
    public double MeanSeconds { get; }

    private double Total { get; set; }

    public (int Component, FailureKind Kind) Draw(ref CounterRandom random)
    {
        var at = random.NextUniform() * Total;
        var row = 0;
        while (row < _rows.Length - 1 && at > _cumulative[row])
            row++;
        return _rows[row];
    }
}
