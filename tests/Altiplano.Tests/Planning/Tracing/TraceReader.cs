using System.Text.Json;

namespace Altiplano.Tests.Planning.Tracing;

/// <summary>A bar as a viewer takes it; microseconds.</summary>
internal sealed record TraceBar(string Name, string Category, int Process, int Thread, double Start, double Duration)
{
    public double End => Start + Duration;
}

/// <summary>Reads a trace as strictly as its format is written: every key known, every bar on a named row, bars of a row nested or apart.</summary>
/// <remarks>Source: "Trace Event Format", the Catapult project: complete events, metadata events.</remarks>
internal sealed class TraceReader
{
    private const double Nanosecond = 1e-3;

    private readonly Dictionary<(int, int), string> _threads = [];
    private readonly HashSet<int> _processes = [];

    private TraceReader(JsonElement root)
    {
        Keys(root).ShouldBe(["displayTimeUnit", "otherData", "traceEvents"]);
        root.GetProperty("displayTimeUnit").GetString().ShouldBeOneOf("ms", "ns");
        foreach (var item in root.GetProperty("traceEvents").EnumerateArray())
            Read(item);
        foreach (var row in Bars.GroupBy(bar => (bar.Process, bar.Thread)))
            RequireNested([.. row]);
    }

    public List<TraceBar> Bars { get; } = [];

    public static TraceReader Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new TraceReader(document.RootElement);
    }

    public string RowOf(TraceBar bar) => _threads[(bar.Process, bar.Thread)];

    private void Read(JsonElement item)
    {
        var (process, thread) = (item.GetProperty("pid").GetInt32(), item.GetProperty("tid").GetInt32());
        switch (item.GetProperty("ph").GetString())
        {
            case "M":
                Keys(item).ShouldBe(["name", "ph", "pid", "tid", "args"]);
                ReadName(item, process, thread);
                break;
            case "X":
                Keys(item).Except(["args"]).ShouldBe(["name", "cat", "ph", "ts", "dur", "pid", "tid"]);
                var bar = new TraceBar(
                    item.GetProperty("name").GetString()!, item.GetProperty("cat").GetString()!, process, thread, item.GetProperty("ts").GetDouble(),
                    item.GetProperty("dur").GetDouble());
                (bar.Start >= 0 && bar.Duration >= 0).ShouldBeTrue($"{bar}");
                _processes.ShouldContain(process);
                _threads.ShouldContainKey((process, thread));
                Bars.Add(bar);
                break;
            case var other:
                throw new InvalidDataException($"A phase {other} is not written.");
        }
    }

    private void ReadName(JsonElement item, int process, int thread)
    {
        switch (item.GetProperty("name").GetString())
        {
            case "process_name":
                _processes.Add(process).ShouldBeTrue();
                break;
            case "thread_name":
                _threads.TryAdd((process, thread), item.GetProperty("args").GetProperty("name").GetString()!).ShouldBeTrue();
                break;
            case "process_sort_index":
                item.GetProperty("args").GetProperty("sort_index").GetInt32().ShouldBe(process);
                break;
            case var other:
                throw new InvalidDataException($"Metadata {other} is not written.");
        }
    }

    /// <summary>In the order of the file: starts rise, and a bar that starts within another ends within it.</summary>
    private static void RequireNested(List<TraceBar> bars)
    {
        var open = new Stack<TraceBar>();
        var last = 0.0;
        foreach (var bar in bars)
        {
            bar.Start.ShouldBeGreaterThanOrEqualTo(last);
            last = bar.Start;
            while (open.TryPeek(out var before) && before.End <= bar.Start + Nanosecond / 2)
                open.Pop();
            if (open.TryPeek(out var around))
                bar.End.ShouldBeLessThanOrEqualTo(around.End + Nanosecond / 2, $"{bar} leaves {around}");
            open.Push(bar);
        }
    }

    private static List<string> Keys(JsonElement item) => [.. item.EnumerateObject().Select(property => property.Name)];
}
