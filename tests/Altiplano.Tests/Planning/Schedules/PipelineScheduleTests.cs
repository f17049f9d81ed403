using Altiplano.Planning;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;
using CsCheck;

namespace Altiplano.Tests.Planning.Schedules;

public sealed class PipelineScheduleTests
{
    private const PipelineScheduleKind Interleaved = PipelineScheduleKind.InterleavedOneForwardOneBackward;

    private static readonly Gen<PipelineSchedule> AnySchedule =
        from kind in Gen.Int[0, 3]
        from pp in Gen.Int[1, 16]
        from virtualStages in Gen.Int[2, 5]
        from more in Gen.Int[0, 40]
        select (PipelineScheduleKind)kind == Interleaved
            ? PipelineSchedule.Of(Interleaved, Math.Max(2, pp), virtualStages, Math.Max(2, pp) + more)
            : PipelineSchedule.Of((PipelineScheduleKind)kind, pp, 1, 1 + more);

    [Theory]
    [InlineData(PipelineScheduleKind.GPipe, 0, "F0 F1 F2 F3 B0 B1 B2 B3")]
    [InlineData(PipelineScheduleKind.OneForwardOneBackward, 0, "F0 F1 B0 F2 B1 F3 B2 B3")]
    [InlineData(PipelineScheduleKind.OneForwardOneBackward, 1, "F0 B0 F1 B1 F2 B2 F3 B3")]
    [InlineData(PipelineScheduleKind.ZeroBubble, 0, "F0 F1 I0 W0 F2 I1 W1 F3 I2 W2 I3 W3")]
    [InlineData(PipelineScheduleKind.ZeroBubble, 1, "F0 I0 F1 I1 W0 F2 I2 W1 F3 I3 W2 W3")]
    public void Of_TwoStagesFourMicroBatches_IsThePapersOrder(PipelineScheduleKind kind, int rank, string expected) =>
        string.Join(' ', PipelineSchedule.Of(kind, 2, 1, 4).Ranks[rank]).ShouldBe(expected);

    [Theory]
    [InlineData(0, "F0 F1 F0.1 F1.1 F2 B0.1 F3 B1.1 F2.1 B0 F3.1 B1 B2.1 B3.1 B2 B3")]
    [InlineData(1, "F0 F1 F0.1 B0.1 F1.1 B1.1 F2 B0 F3 B1 F2.1 B2.1 F3.1 B3.1 B2 B3")]
    public void Of_Interleaved_PassesGroupsThroughTheChunks(int rank, string expected) =>
        string.Join(' ', PipelineSchedule.Of(Interleaved, 2, 2, 4).Ranks[rank]).ShouldBe(expected);

    [Fact]
    public void FindProblems_AnySchedule_HasNone() =>
        AnySchedule.Sample(schedule => schedule.FindProblems().Count == 0, seed: "000000000006", iter: 400);

    /// <summary>The closed form that the memory model reads, against the data that the runner will read; a bound where a group is not full.</summary>
    [Fact]
    public void Of_AnySchedule_HoldsActivationsOfTheClosedForm() =>
        AnySchedule.Sample(
            schedule =>
            {
                var layout = new Layout { Pp = schedule.Pp, VirtualStages = schedule.VirtualStages, Schedule = schedule.Kind };
                for (var rank = 0; rank < schedule.Pp; rank++)
                {
                    var closed = ActivationsInFlight.Of(layout, schedule.MicroBatches, rank) * schedule.VirtualStages;
                    var isFull = schedule.VirtualStages == 1 || schedule.MicroBatches % schedule.Pp == 0;
                    ((double)PeakActivations(schedule.Ranks[rank])).ShouldBeInRange(
                        isFull ? closed - 1e-9 : 1, closed + 1e-9, $"{schedule.Kind} {schedule.Pp} {schedule.MicroBatches} rank {rank}");
                }
            },
            seed: "000000000007", iter: 400);

    [Fact]
    public void Next_EveryChunk_LeadsBackByPrevious()
    {
        var schedule = PipelineSchedule.Of(Interleaved, 3, 2, 3);

        schedule.Next(2, 0).ShouldBe((0, 1));
        schedule.Previous(0, 1).ShouldBe((2, 0));
        schedule.Next(2, 1).ShouldBeNull();
        schedule.Previous(0, 0).ShouldBeNull();
    }

    [Fact]
    public void FindProblems_PassLeftOut_NamesIt()
    {
        var schedule = Mutated(rank: 1, actions => [.. actions.Where(a => a != new PipelineAction(PipelineActionKind.Forward, 2, 0))]);

        schedule.FindProblems().ShouldBe(["Rank 1 never does the forward pass of microbatch 2, chunk 0. The next stage waits for it."]);
    }

    [Fact]
    public void FindProblems_PassTwice_NamesIt()
    {
        var schedule = Mutated(rank: 0, actions => [.. actions, new PipelineAction(PipelineActionKind.Backward, 1, 0)]);

        schedule.FindProblems().ShouldBe(["Rank 0 does B1 2 times. Each pass is done once."]);
    }

    [Fact]
    public void FindProblems_PassOfNoMicroBatch_NamesIt()
    {
        var schedule = Mutated(rank: 0, actions => [.. actions, new PipelineAction(PipelineActionKind.Forward, 4, 0)]);

        schedule.FindProblems().ShouldBe(["Rank 0 does F4, but there are 4 microbatches and 1 chunks."]);
    }

    [Fact]
    public void FindProblems_HalfABackwardPass_NamesIt()
    {
        var schedule = Mutated(rank: 1, actions =>
            [.. actions.Select(a => a.Kind == PipelineActionKind.Backward && a.MicroBatch == 3 ? a with { Kind = PipelineActionKind.BackwardInput } : a)]);

        schedule.FindProblems().ShouldBe(["Rank 1 needs one backward pass of microbatch 3, chunk 0, whole or in two halves."]);
    }

    [Fact]
    public void FindProblems_RanksThatWaitForEachOther_NamesBoth()
    {
        var schedule = Mutated(rank: 0, actions => [.. actions.Reverse()]);

        schedule.FindProblems().ShouldBe(
            ["Rank 0 waits for ever before B3: what it needs comes after it.", "Rank 1 waits for ever before F0: what it needs comes after it."]);
    }

    [Fact]
    public void FindProblems_WeightBeforeInput_NamesIt()
    {
        var schedule = PipelineSchedule.Of(PipelineScheduleKind.ZeroBubble, 1, 1, 1);

        (schedule with { Ranks = [[.. schedule.Ranks[0].Reverse()]] }).FindProblems()[0].ShouldBe("Rank 0 does W0 before its input gradient.");
    }

    [Theory]
    [InlineData(PipelineScheduleKind.GPipe, 0, 1, 4, "A pipeline has 1 stage, chunk and microbatch or more; 0, 1 and 4 were asked for.")]
    [InlineData(PipelineScheduleKind.GPipe, 2, 2, 4, "parallel.virtual_stages is 2, but only interleaved_1f1b has more than one chunk a rank. Use 1.")]
    [InlineData(Interleaved, 4, 2, 3, "mesh.pp is 4, but interleaved_1f1b needs a microbatch for each stage, and there are 3. Use more.")]
    public void Of_NoSuchPipeline_SaysWhy(PipelineScheduleKind kind, int pp, int virtualStages, int microBatches, string expected) =>
        Should.Throw<ConfigException>(() => PipelineSchedule.Of(kind, pp, virtualStages, microBatches)).Message.ShouldBe(expected);

    /// <summary>Most chunk activations held at once: from a forward pass until its weight gradient is done.</summary>
    private static int PeakActivations(IEnumerable<PipelineAction> actions)
    {
        var (held, peak) = (0, 0);
        foreach (var action in actions)
        {
            if (action.Kind == PipelineActionKind.Forward)
                peak = Math.Max(peak, ++held);
            else if (action.Kind != PipelineActionKind.BackwardInput)
                held--;
        }

        return peak;
    }

    private static PipelineSchedule Mutated(int rank, Func<IEnumerable<PipelineAction>, IReadOnlyList<PipelineAction>> change)
    {
        var schedule = PipelineSchedule.Of(PipelineScheduleKind.OneForwardOneBackward, 2, 1, 4);
        return schedule with { Ranks = [.. schedule.Ranks.Select((actions, r) => r == rank ? change(actions) : actions)] };
    }
}
