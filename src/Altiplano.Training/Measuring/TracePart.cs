using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Planning.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>The bars of one rank's traced steps, until rank 0 joins them.</summary>
/// <param name="Steps">In order.</param>
internal sealed record TracePart(IReadOnlyList<TracedStep> Steps)
{
    public void Save(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, TracePartJson.Default.TracePart));

    public static TracePart Load(string path) => JsonSerializer.Deserialize(File.ReadAllBytes(path), TracePartJson.Default.TracePart)!;

    /// <summary>All ranks' bars on one clock: every rank left the barrier before a step when rank 0 did.</summary>
    /// <param name="parts">In the order of ranks.</param>
    public static IReadOnlyList<TraceSlice> Join(IReadOnlyList<TracePart> parts) =>
    [
        .. from part in parts
           from step in part.Steps.Select((traced, i) => (traced.Slices, parts[0].Steps[i].Start))
           from slice in step.Slices
           select slice with { Start = step.Start + slice.Start },
    ];
}

/// <summary>One step of one rank.</summary>
/// <param name="Start">Seconds from the first traced step's start, by this rank's clock.</param>
/// <param name="Slices">Their starts count from the step's.</param>
internal sealed record TracedStep(double Start, IReadOnlyList<TraceSlice> Slices);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TracePart))]
internal sealed partial class TracePartJson : JsonSerializerContext;
