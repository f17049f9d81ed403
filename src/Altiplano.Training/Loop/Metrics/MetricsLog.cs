using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>
/// metrics.jsonl: one line a step, with the keys of <see cref="Metric"/>; a number that is not finite is written as null.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private readonly JsonLines _lines;
    private readonly ArrayBufferWriter<byte> _line = new();

    private MetricsLog(JsonLines lines) => _lines = lines;

    /// <summary>Opens the log of a run that has done <paramref name="step"/> steps; lines of later steps are cut off.</summary>
    /// <param name="step">0 for a new run, which starts with an empty log.</param>
    /// <exception cref="IOException">A complete line is not a JSON object with a step.</exception>
    public static MetricsLog Open(string path, long step) =>
        new(new JsonLines(path, JsonLines.CountBytes(path, line => StepOf(path, line) <= step)));

    public void Append(StepMetrics metrics)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            foreach (var (metric, value) in metrics.Values())
                Write(json, metric.Key, value);
            json.WriteEndObject();
        }

        _lines.Append(_line.WrittenSpan);
    }

    public void Dispose() => _lines.Dispose();

    private static void Write(Utf8JsonWriter json, string key, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(key, value);
        else
            json.WriteNull(key);
    }

    private static long StepOf(string path, ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref json);
            return document.RootElement.GetProperty(Metric.Step.Key).GetInt64();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException(
                $"{path}: a line is not a JSON object with a step: {Encoding.UTF8.GetString(line)}. Delete the line to go on.", error);
        }
    }
}
