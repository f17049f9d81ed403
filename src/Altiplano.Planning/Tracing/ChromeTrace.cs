using System.Text.Json;

namespace Altiplano.Planning.Tracing;

/// <summary>Writes a timeline as Chrome's trace event JSON, which ui.perfetto.dev and chrome://tracing open.</summary>
/// <remarks>
/// A process is a rank, a thread one row of one of its tracks, a complete event (<c>ph: X</c>) a bar; <c>ts</c> and <c>dur</c> are
/// microseconds.
/// Source: "Trace Event Format", the Catapult project.
/// </remarks>
public static class ChromeTrace
{
    private const double NanosecondsPerMicrosecond = 1e3;
    private static readonly int NumTracks = Enum.GetValues<TraceTrack>().Length;

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
        var rows = timeline.Slices.GroupBy(slice => (slice.Rank, slice.Track)).OrderBy(row => row.Key)
            .Select(row => (row.Key.Rank, row.Key.Track, Bars: TraceLanes.Of(row))).ToList();
        WriteNames(json, timeline, [.. rows.SelectMany(row =>
            row.Bars.Select(bar => bar.Lane).Distinct().Order().Select(lane => (row.Rank, row.Track, lane)))]);
        foreach (var (slice, lane) in rows.SelectMany(row => row.Bars))
            WriteSlice(json, slice, lane);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, StepTimeline timeline, IReadOnlyList<(int Rank, TraceTrack Track, int Lane)> rows)
    {
        foreach (var rank in timeline.Slices.Select(slice => slice.Rank).Distinct().Order())
        {
            WriteMetadata(json, "process_name", rank, 0, args => args.WriteString("name", $"rank {rank}"));
            WriteMetadata(json, "process_sort_index", rank, 0, args => args.WriteNumber("sort_index", rank));
        }

        foreach (var (rank, track, lane) in rows)
        {
            var name = NameOf(track) + (lane == 0 ? "" : $" ({lane + 1})");
            WriteMetadata(json, "thread_name", rank, ThreadOf(track, lane), args => args.WriteString("name", name));
        }
    }

    private static void WriteMetadata(Utf8JsonWriter json, string what, int rank, int thread, Action<Utf8JsonWriter> writeArgs)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        WritePlace(json, rank, thread);
        json.WriteStartObject("args");
        writeArgs(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSlice(Utf8JsonWriter json, in TraceSlice slice, int lane)
    {
        json.WriteStartObject();
        json.WriteString("name", slice.Name);
        json.WriteString("cat", NameOf(slice.Track));
        json.WriteString("ph", "X");
        json.WriteNumber("ts", TraceLanes.Start(slice) / NanosecondsPerMicrosecond);
        json.WriteNumber("dur", (TraceLanes.End(slice) - TraceLanes.Start(slice)) / NanosecondsPerMicrosecond);
        WritePlace(json, slice.Rank, ThreadOf(slice.Track, lane));
        WriteArgs(json, slice);
        json.WriteEndObject();
    }

    private static void WriteArgs(Utf8JsonWriter json, in TraceSlice slice)
    {
        if (slice is { MicroBatch: null, Bytes: null })
            return;
        json.WriteStartObject("args");
        if (slice.MicroBatch is { } microBatch)
        {
            json.WriteNumber("microbatch", microBatch);
            json.WriteNumber("chunk", slice.Chunk ?? 0);
        }

        if (slice.Bytes is { } bytes)
            json.WriteNumber("bytes", bytes);
        json.WriteEndObject();
    }

    /// <summary>Threads count from 1: Perfetto takes thread 0 for the process itself.</summary>
    private static int ThreadOf(TraceTrack track, int lane) => (int)track + 1 + lane * NumTracks;

    private static void WritePlace(Utf8JsonWriter json, int rank, int thread)
    {
        json.WriteNumber("pid", rank);
        json.WriteNumber("tid", thread);
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
