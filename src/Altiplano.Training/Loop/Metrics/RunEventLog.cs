using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>What can happen to a run.</summary>
public enum RunEventKind
{
    Start,
    Resume,
    CheckpointSaved,
    /// <summary>A step without a finite gradient left the weights as they were.</summary>
    StepSkipped,
    /// <summary>Stopped by a signal after saving.</summary>
    Interrupted,
    /// <summary>Stopped by a failure.</summary>
    Aborted,
    Finished,
}

/// <summary>events.jsonl: what happened to a run, over all its processes, oldest first; nothing is ever cut off.</summary>
public sealed class RunEventLog(string path, TimeProvider time) : IDisposable
{
    private readonly JsonLines _lines = new(path, JsonLines.CountBytes(path, _ => true));
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <param name="step">Optimizer steps done.</param>
    /// <param name="detail">For people: the checkpoint's path, the signal, the error.</param>
    public void Append(RunEventKind kind, long step, string? detail = null)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("event", NameOf(kind));
            json.WriteNumber("step", step);
            if (detail is not null)
                json.WriteString("detail", detail);
            json.WriteEndObject();
        }

        _lines.Append(_line.WrittenSpan);
    }

    public void Dispose() => _lines.Dispose();

    private static string NameOf(RunEventKind kind) => kind switch
    {
        RunEventKind.Start => "start",
        RunEventKind.Resume => "resume",
        RunEventKind.CheckpointSaved => "checkpoint_saved",
        RunEventKind.StepSkipped => "step_skipped",
        RunEventKind.Interrupted => "interrupted",
        RunEventKind.Aborted => "aborted",
        RunEventKind.Finished => "finished",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
