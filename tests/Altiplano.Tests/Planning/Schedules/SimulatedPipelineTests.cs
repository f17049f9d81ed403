using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;
using CsCheck;

namespace Altiplano.Tests.Planning.Schedules;

public sealed class SimulatedPipelineTests
{
    private const PipelineScheduleKind Plain = PipelineScheduleKind.OneForwardOneBackward;
    private const PipelineScheduleKind Interleaved = PipelineScheduleKind.InterleavedOneForwardOneBackward;

    private static readonly ChunkTimes Times = new(1.0, 1.1, 0.9);

    /// <summary>Every pipeline degree to 16, 1 to 4 chunks a rank, few and many microbatches.</summary>
    [Theory]
    [InlineData(PipelineScheduleKind.GPipe, 0)]
    [InlineData(Plain, 0)]
    [InlineData(Plain, 1)]
    [InlineData(PipelineScheduleKind.ZeroBubble, 0)]
    [InlineData(PipelineScheduleKind.ZeroBubble, 1)]
    [InlineData(Interleaved, 0)]
    public void Makespan_UniformChunks_IsTheClosedForm(PipelineScheduleKind kind, int more)
    {
        int[] chunks = kind == Interleaved ? [2, 3, 4] : [1];
        foreach (var (pp, rounds, virtualStages) in
            from pp in Enumerable.Range(2, 15)
            from rounds in new[] { 1, 2, 5, 8 }
            from virtualStages in chunks
            select (pp, rounds, virtualStages))
        {
            var microBatches = rounds * pp + more;
            var run = Run(kind, pp, virtualStages, microBatches, Times);
            var expected = PipelineBubble.Makespan(kind, pp, virtualStages, microBatches, Times);

            (run.Makespan / expected).ShouldBe(1, 0.001, $"pp {pp}, v {virtualStages}, m {microBatches}");
        }
    }

    [Fact]
    public void Makespan_LastGroupNotFull_IsAtMostTheClosedForm()
    {
        foreach (var (pp, virtualStages) in
            from pp in Enumerable.Range(2, 15)
            from virtualStages in new[] { 2, 3, 4 }
            select (pp, virtualStages))
        {
            var makespan = Run(Interleaved, pp, virtualStages, 3 * pp + 1, Times).Makespan;

            makespan.ShouldBeLessThanOrEqualTo(PipelineBubble.Makespan(Interleaved, pp, virtualStages, 3 * pp + 1, Times) + 1e-9);
            makespan.ShouldBeGreaterThan(Run(Interleaved, pp, virtualStages, 3 * pp, Times).Makespan);
        }
    }

    [Fact]
    public void Bubble_UniformPlainPipeline_IsStagesLessOneOverMicroBatches()
    {
        var run = Run(Plain, 8, 1, 32, Times);

        (run.Bubble(0) / run.Busy[0]).ShouldBe(7 / 32.0, 1e-12);
    }

    /// <summary>Qi et al. 2023: a third of 1F1B's bubble where the three passes take the same time.</summary>
    [Fact]
    public void Bubble_ZeroBubble_IsAThirdOfPlain()
    {
        var times = new ChunkTimes(1, 1, 1);

        Run(PipelineScheduleKind.ZeroBubble, 8, 1, 32, times).Bubble(0).ShouldBe(Run(Plain, 8, 1, 32, times).Bubble(0) / 3, 1e-9);
    }

    [Fact]
    public void Makespan_AnyPipeline_IsNoShorterThanItsBusiestRankAndItsLongestPath() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[1, 20], Gen.Double[0.5, 2].Array[8], Gen.Double[0, 0.5]).Sample(
            (pp, microBatches, forward, transfer) =>
            {
                var chunks = forward.Take(pp).Select(f => new ChunkTimes(f, f, f)).ToList();
                var times = new PipelineTimes { Chunks = chunks, Transfers = [.. Enumerable.Repeat(transfer, pp)] };
                var run = SimulatedPipeline.Run(PipelineSchedule.Of(Plain, pp, 1, microBatches), times);
                var path = chunks.Sum(c => c.Forward + c.Backward) + 2 * (pp - 1) * transfer;

                run.Makespan.ShouldBeGreaterThanOrEqualTo(Math.Max(path, run.Busy.Max()) - 1e-9);
            },
            seed: "000000000008", iter: 300);

    /// <summary>The fill reaches the slow stage, it works through, the drain follows.</summary>
    [Fact]
    public void Makespan_OneSlowStage_IsItsWorkAndTheFillAndDrainBeforeIt()
    {
        var chunks = new[] { Times, Times, new ChunkTimes(3, 3, 3), Times };
        var run = SimulatedPipeline.Run(
            PipelineSchedule.Of(Plain, 4, 1, 64), new PipelineTimes { Chunks = chunks, Transfers = [0, 0, 0, 0] });

        run.Makespan.ShouldBe(64 * 9 + 2 * (Times.Forward + Times.Backward), 1e-9);
        run.Bubble(2).ShouldBe(6, 1e-9);
        run.Bubble(0).ShouldBe(run.Makespan - 64 * 3, 1e-9);
    }

    [Fact]
    public void Makespan_OneMicroBatch_AddsEveryTransfer() =>
        SimulatedPipeline.Run(PipelineSchedule.Of(Plain, 4, 1, 1), PipelineTimes.Uniform(4, 1, Times, transfer: 0.25))
            .Makespan.ShouldBe(4 * 3 + 6 * 0.25, 1e-12);

    /// <summary>A microbatch's way from stage 0 to the last and back takes p (F + B) + 2 (p - 1) c, and p are on it: c is not hidden.</summary>
    [Fact]
    public void Makespan_PlainWithTransfers_PaysThemInEveryRound()
    {
        var run = SimulatedPipeline.Run(PipelineSchedule.Of(Plain, 4, 1, 400), PipelineTimes.Uniform(4, 1, Times, transfer: 0.1));

        (run.Makespan / 400).ShouldBe(3 + 2 * 0.1 * 3 / 4.0, 0.04);
    }

    [Fact]
    public void Slices_OneStream_DoOneThingAtATime()
    {
        var run = SimulatedPipeline.Run(PipelineSchedule.Of(Interleaved, 4, 3, 9), PipelineTimes.Uniform(4, 3, Times, transfer: 0.7));

        foreach (var stream in run.Slices.GroupBy(slice => (slice.Rank, slice.SendTo is null)))
        {
            foreach (var (before, after) in stream.Zip(stream.Skip(1)))
                after.Start.ShouldBeGreaterThanOrEqualTo(before.End);
        }

        run.Slices.Count(slice => slice.SendTo is null).ShouldBe(2 * 4 * 3 * 9);
        run.Slices.Count(slice => slice.SendTo is not null).ShouldBe(2 * 11 * 9);
    }

    [Fact]
    public void Run_TimesOfAnotherPipeline_SaysSo() =>
        Should.Throw<ConfigException>(() => SimulatedPipeline.Run(PipelineSchedule.Of(Plain, 4, 1, 4), PipelineTimes.Uniform(3, 1, Times)))
            .Message.ShouldBe("The schedule has 4 chunks on 4 ranks, but there are times of 3 chunks and 3 transfers. Give one each.");

    [Fact]
    public void Run_ScheduleThatBlocks_SaysWhere()
    {
        var schedule = PipelineSchedule.Of(Plain, 2, 1, 2);
        var blocked = schedule with { Ranks = [[.. schedule.Ranks[0].Reverse()], schedule.Ranks[1]] };

        Should.Throw<ConfigException>(() => SimulatedPipeline.Run(blocked, PipelineTimes.Uniform(2, 1, Times)))
            .Problems[0].ShouldBe("Rank 0 waits for ever before B1: what it needs comes after it.");
    }

    private static SimulatedPipeline Run(PipelineScheduleKind kind, int pp, int virtualStages, int microBatches, ChunkTimes times) =>
        SimulatedPipeline.Run(PipelineSchedule.Of(kind, pp, virtualStages, microBatches), PipelineTimes.Uniform(pp, virtualStages, times));
}
