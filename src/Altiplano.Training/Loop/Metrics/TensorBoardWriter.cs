using System.Buffers.Binary;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>An event file that TensorBoard reads: every metric of every step as a scalar.</summary>
/// <remarks>
/// TFRecord framing (length, masked checksum of it, data, masked checksum of it) around Event messages.
/// Sources: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto.
/// </remarks>
public sealed class TensorBoardWriter : IDisposable
{
    private const int WallTimeField = 1, StepField = 2, FileVersionField = 3, SummaryField = 5, SessionLogField = 7;
    private const int SummaryValueField = 1, TagField = 1, SimpleValueField = 2;
    private const int SessionStatusField = 1, SessionStart = 1;

    private readonly FileStream _file;
    private readonly TimeProvider _time;

    private TensorBoardWriter(FileStream file, TimeProvider time) => (_file, _time) = (file, time);

    /// <summary>Starts a new file in <paramref name="folder"/> for a run that has done <paramref name="step"/> steps.</summary>
    /// <remarks>On resume a session mark makes TensorBoard forget later steps of the earlier files.</remarks>
    public static TensorBoardWriter Create(string folder, long step, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var name = $"events.out.tfevents.{seconds:0000000000}.{Environment.MachineName}.{Environment.ProcessId}.{step}";
        var file = new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.Read);
        var writer = new TensorBoardWriter(file, time);
        writer.Append(writer.Event().Text(FileVersionField, "brain.Event:2"));
        if (step > 0)
        {
            var start = new ProtobufWriter().Varint(SessionStatusField, SessionStart);
            writer.Append(writer.Event().Varint(StepField, step + 1).Message(SessionLogField, start));
        }

        return writer;
    }

    public void Append(StepMetrics metrics)
    {
        var summary = new ProtobufWriter();
        foreach (var (metric, value) in metrics.Values().Where(pair => pair.Metric != Metric.Step))
        {
            summary.Message(
                SummaryValueField, new ProtobufWriter().Text(TagField, metric.Key).Float(SimpleValueField, (float)value));
        }

        Append(Event().Varint(StepField, metrics.Step).Message(SummaryField, summary));
    }

    public void Dispose() => _file.Dispose();

    private ProtobufWriter Event() =>
        new ProtobufWriter().Double(WallTimeField, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);

    private void Append(ProtobufWriter message)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(header, message.Written.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Crc32C.Masked(header[..8]));
        Span<byte> footer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32C.Masked(message.Written));
        _file.Write(header);
        _file.Write(message.Written);
        _file.Write(footer);
        _file.Flush();
    }
}
