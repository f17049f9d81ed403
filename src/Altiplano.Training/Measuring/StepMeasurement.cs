using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Distributed;
using Altiplano.Planning.Units;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>An operator's calls in one measured step.</summary>
public sealed record MeasuredOperator(string Name, long Calls, double Flops, double Bytes, double Seconds);

/// <summary>The collectives of one kind on one axis in one measured step.</summary>
/// <param name="Seconds">In flight, each from its begin to its end.</param>
/// <param name="WaitedSeconds">In which the rank did nothing else.</param>
public sealed record MeasuredCollective(string Axis, string Name, long Calls, double Bytes, double Seconds, double WaitedSeconds);

/// <summary>One rank's step as it was measured: a line of <c>traces/measured-rank-00000.jsonl</c>.</summary>
/// <param name="Seconds">The whole step, reading its batch included.</param>
/// <param name="PeakTensorBytes">Most bytes of tensors alive at once in the step.</param>
/// <param name="PeakMemoryBytes">Most bytes of the process resident at once since it started.</param>
/// <param name="CpuWatts">Mean power of the processor packages since the measured step before; null where the machine does not tell.</param>
/// <param name="GpuWatts">Power of the GPUs at the end of the step; null where there are none.</param>
public sealed record StepMeasurement(
    long Step, double Seconds, IReadOnlyList<MeasuredOperator> Operators, IReadOnlyList<MeasuredCollective> Collectives,
    long PeakTensorBytes, long PeakMemoryBytes, double? CpuWatts, double? GpuWatts)
{
    /// <summary>Sums what a timed trace tells.</summary>
    public static StepMeasurement Of(StepTrace trace, long step, double seconds, Bytes peakMemory, double? cpuWatts, double? gpuWatts) => new(
        step, seconds,
        [.. trace.Operators.GroupBy(op => op.Call.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new MeasuredOperator(
            g.Key, g.Count(), g.Sum(op => op.Call.Flops), g.Sum(op => (double)op.Call.Bytes), g.Sum(op => op.Time!.Value.Duration)))],
        [.. trace.Collectives.GroupBy(c => (c.Record.Axis, c.Record.Kind)).OrderBy(g => g.Key).Select(g => new MeasuredCollective(
            g.Key.Axis, g.Key.Kind.Name(), g.Count(), g.Sum(c => (double)c.Record.Bytes),
            g.Sum(c => (c.Moved ?? c.Time!.Value).Duration), g.Sum(c => c.Waited?.Duration ?? 0)))],
        StepWorks.Of(trace).PeakTensors.Value, peakMemory.Value, cpuWatts, gpuWatts);

    /// <summary>The measurements of a file, in the order of steps.</summary>
    /// <exception cref="IOException">The file cannot be read, or a complete line is not what <see cref="ToJson"/> writes.</exception>
    public static IReadOnlyList<StepMeasurement> Load(string path)
    {
        var measurements = new List<StepMeasurement>();
        var lines = File.ReadAllText(path).Split('\n');
        for (var i = 0; i < lines.Length - 1; i++)
        {
            try
            {
                measurements.Add(JsonSerializer.Deserialize(lines[i], StepMeasurementJson.Default.StepMeasurement)!);
            }
            catch (JsonException error)
            {
                throw new IOException($"{path}: line {i + 1} is not a measured step as train writes it. {error.Message}", error);
            }
        }

        return measurements;
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StepMeasurementJson.Default.StepMeasurement);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StepMeasurement))]
internal sealed partial class StepMeasurementJson : JsonSerializerContext;
