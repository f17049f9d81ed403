using System.Text.Json;

namespace Altiplano.Planning.Tracing;

/// <summary>Writes a timeline as Chrome's trace event JSON, which ui.perfetto.dev and chrome://tracing open.</summary>
/// <remarks>
/// A process is a rank, a thread one of its tracks, a complete event (<c>ph: X</c>) a bar; <c>ts</c> and <c>dur</c> are microseconds.
/// Source: "Trace Event Format", the Catapult project.
/// </remarks>
public static class ChromeTrace
{
    private const double MicrosecondsPerSecond = 1e6;

    public static void Write(Stream stream, StepTimeline timeline)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        json.WriteString("title", timeline.Title);
        json.WriteString("label", timeline.Label);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        WriteRows(json, timeline);
        foreach (var slice in timeline.Slices)
            WriteSlice(json, slice);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, StepTimeline timeline)
    {
        foreach (var rank in timeline.Slices.Select(slice => slice.Rank).Distinct().Order())
        {
            BeginMetadata(json, "process_name", rank, null);
            json.WriteString("name", $"rank {rank}");
            EndMetadata(json);
            BeginMetadata(json, "process_sort_index", rank, null);
            json.WriteNumber("sort_index", rank);
            EndMetadata(json);
        }

        foreach (var (rank, track) in timeline.Slices.Select(slice => (slice.Rank, slice.Track)).Distinct().Order())
        {
            BeginMetadata(json, "thread_name", rank, track);
            json.WriteString("name", NameOf(track));
            EndMetadata(json);
        }
    }

    private static void BeginMetadata(Utf8JsonWriter json, string what, int rank, TraceTrack? track)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        WritePlace(json, rank, track);
        json.WriteStartObject("args");
    }

    private static void EndMetadata(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSlice(Utf8JsonWriter json, in TraceSlice slice)
    {
        json.WriteStartObject();
        json.WriteString("name", slice.Name);
        json.WriteString("cat", NameOf(slice.Track));
        json.WriteString("ph", "X");
        json.WriteNumber("ts", slice.Start * MicrosecondsPerSecond);
        json.WriteNumber("dur", slice.Duration * MicrosecondsPerSecond);
        WritePlace(json, slice.Rank, slice.Track);
        if (slice.MicroBatch is { } microBatch)
        {
            json.WriteStartObject("args");
            json.WriteNumber("microbatch", microBatch);
            json.WriteNumber("chunk", slice.Chunk ?? 0);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Threads count from 1: Perfetto takes thread 0 for the process itself.</summary>
    private static void WritePlace(Utf8JsonWriter json, int rank, TraceTrack? track)
    {
        json.WriteNumber("pid", rank);
        json.WriteNumber("tid", track is { } row ? (int)row + 1 : 0);
    }

    private static string NameOf(TraceTrack track) => track switch
    {
        TraceTrack.Compute => "compute",
        TraceTrack.TensorParallel => "tp",
        TraceTrack.ContextParallel => "cp",
        TraceTrack.ExpertParallel => "ep",
        TraceTrack.Pipeline => "pp",
        _ => "dp",
    };
}
