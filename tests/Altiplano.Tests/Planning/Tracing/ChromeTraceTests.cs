using System.Text.Json;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;
using Altiplano.Planning.Tracing;

namespace Altiplano.Tests.Planning.Tracing;

public sealed class ChromeTraceTests
{
    private static readonly StepTimeline Timeline = StepTimeline.Of("toy, pp 2", new SimulatedStep
    {
        Pipeline = SimulatedPipeline.Run(
            PipelineSchedule.Of(PipelineScheduleKind.ZeroBubble, 2, 1, 3), PipelineTimes.Uniform(2, 1, new ChunkTimes(1, 1, 1), transfer: 0.25)),
        DataParallel = 0.5,
        Optimizer = 0.125,
    });

    [Fact]
    public void Write_Step_NamesEveryRankAndTrack()
    {
        using var json = Write();

        Events(json, "M").Where(e => e.GetProperty("name").GetString() is "process_name" or "thread_name")
            .Select(e => $"{e.GetProperty("pid")}/{e.GetProperty("tid")} {e.GetProperty("args").GetProperty("name")}").ShouldBe(
            ["0/0 rank 0", "1/0 rank 1", "0/1 compute", "0/5 pp", "0/6 dp", "1/1 compute", "1/5 pp", "1/6 dp"]);
        json.RootElement.GetProperty("otherData").GetProperty("title").GetString().ShouldBe("toy, pp 2");
        json.RootElement.GetProperty("otherData").GetProperty("label").GetString().ShouldBe("simulated");
    }

    [Fact]
    public void Write_Slice_HasMicrosecondsPlaceAndMicroBatch()
    {
        using var json = Write();
        var forward = Events(json, "X").First(e => e.GetProperty("pid").GetInt32() == 1);

        forward.ToString().ShouldBe(
            """{"name":"forward","cat":"compute","ph":"X","ts":1250000,"dur":1000000,"pid":1,"tid":1,"args":{"microbatch":0,"chunk":0}}""");
    }

    [Fact]
    public void Write_Step_HasEveryKindOfBar()
    {
        using var json = Write();

        Events(json, "X").CountBy(e => e.GetProperty("name").GetString()!).Select(pair => $"{pair.Key} {pair.Value}").Order().ShouldBe(
        [
            "backward input 6", "backward weight 6", "forward 6", "optimizer 2", "reduce gradients 2", "send activations 3", "send gradient 3",
        ]);
    }

    /// <summary>Reduction begins on each rank after its last pass; the optimizer waits for all.</summary>
    [Fact]
    public void Of_SimulatedStep_EndsWithTheOptimizer()
    {
        var optimizer = Timeline.Slices.Where(slice => slice.Name == "optimizer").ToList();
        var reductions = Timeline.Slices.Where(slice => slice.Name == "reduce gradients").ToList();

        optimizer.Select(slice => slice.Start).Distinct().Count().ShouldBe(1);
        reductions.Max(slice => slice.Start + slice.Duration).ShouldBe(optimizer[0].Start);
    }

    /// <summary>Two operations in flight at once cannot share a row; one inside the other can.</summary>
    [Fact]
    public void Write_BarsThatOverlap_TakeRowsOfTheirOwn()
    {
        var timeline = new StepTimeline("toy", "measured",
        [
            new(0, TraceTrack.DataParallel, "all-gather", 0, 4), new(0, TraceTrack.DataParallel, "reduce-scatter", 2, 4, Bytes: 1024),
            new(0, TraceTrack.DataParallel, "all-reduce", 5, 0.5),
        ]);

        var trace = TraceReader.Parse(Bytes(timeline));

        trace.Bars.Select(bar => $"{bar.Name} on {trace.RowOf(bar)}").Order().ShouldBe(
            ["all-gather on dp", "all-reduce on dp", "reduce-scatter on dp (2)"]);
    }

    [Fact]
    public void Write_SimulatedStep_IsWhatAStrictReaderTakes() =>
        TraceReader.Parse(Bytes(Timeline)).Bars.Count.ShouldBe(Timeline.Slices.Count);

    private static JsonDocument Write() => JsonDocument.Parse(Bytes(Timeline));

    private static byte[] Bytes(StepTimeline timeline)
    {
        using var stream = new MemoryStream();
        ChromeTrace.Write(stream, timeline);
        return stream.ToArray();
    }

    private static IEnumerable<JsonElement> Events(JsonDocument json, string phase) =>
        json.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == phase);
}
