using System.Text.Json;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>What metrics.jsonl holds: each metric as points of step and value.</summary>
public sealed class MetricsHistory
{
    private static readonly string HeldOutSuffix = Metric.ValidationLoss("").Key;

    private readonly Dictionary<string, List<MetricPoint>> _series = [];

    /// <summary>Keys in the order in which they first appear.</summary>
    public IReadOnlyCollection<string> Keys => _series.Keys;

    /// <summary>The corpora that were held out, in the order in which they first appear.</summary>
    public IEnumerable<string> HeldOutNames =>
        from key in Keys
        where key.EndsWith(HeldOutSuffix, StringComparison.Ordinal) && key != Metric.TrainLoss.Key
        select key[..^HeldOutSuffix.Length];

    /// <summary>The points of a metric, by rising step; empty where the run has none.</summary>
    public IReadOnlyList<MetricPoint> this[string key] => _series.TryGetValue(key, out var points) ? points : [];

    public IReadOnlyList<MetricPoint> this[Metric metric] => this[metric.Key];

    /// <summary>Reads a log. A last line without an end, which a killed process leaves, is passed over; so are nulls.</summary>
    /// <exception cref="IOException">The file cannot be read, or a complete line is not a JSON object with a step.</exception>
    public static MetricsHistory Load(string path)
    {
        var history = new MetricsHistory();
        var text = File.ReadAllText(path);
        var number = 0;
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            try
            {
                history.Add(line);
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new IOException(
                    $"{path}: line {number} is not a JSON object of numbers with a step. Delete the line to read the rest. " +
                    $"({error.Message})", error);
            }
        }

        return history;
    }

    private void Add(string line)
    {
        using var json = JsonDocument.Parse(line);
        var step = json.RootElement.GetProperty(Metric.Step.Key).GetDouble();
        foreach (var property in json.RootElement.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null))
        {
            if (!_series.TryGetValue(property.Name, out var points))
                _series.Add(property.Name, points = []);
            points.Add(new MetricPoint(step, property.Value.GetDouble()));
        }
    }
}

/// <summary>One value of a metric.</summary>
public readonly record struct MetricPoint(double Step, double Value);
