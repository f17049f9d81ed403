using Altiplano.Distributed;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;
using Altiplano.Tests.Training.Tracing;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>What a rank computes between the start of an operation and its wait for it, in the toy model's step.</summary>
public sealed class OverlapTests
{
    private const int NumLayers = TrialSpec.NumLayers;

    /// <summary>Most bytes of the sums of tokens and losses, and of what travels with them.</summary>
    private const int FewValues = 3 * sizeof(double);

    /// <summary>ZeRO's stage; groups of ranks whose sums follow one another; operations in all and those behind which nothing is computed.</summary>
    /// <remarks>Groups: matrices and norms of three layers, the table, norm and head. Nothing comes after the table's gradient.</remarks>
    [Theory]
    [InlineData(0, "dp_shard", CollectiveKind.AllReduce, 2 * NumLayers + 3, 1)]
    [InlineData(1, "dp_shard", CollectiveKind.ReduceScatter, 2 * NumLayers + 3, 1)]
    [InlineData(2, "dp_shard", CollectiveKind.ReduceScatter, 2 * NumLayers + 3, 1)]
    [InlineData(3, "dp_shard", CollectiveKind.ReduceScatter, 2 * NumLayers + 3, 1)]
    [InlineData(1, "dp_replicate", CollectiveKind.AllReduce, 2 * NumLayers + 3, 3)]
    public void Gradients_OfABlock_AreSummedBehindTheNextBlocks(int zero, string axis, CollectiveKind kind, int count, int bare)
    {
        var trace = Run(new Layout { DpShard = 2, DpReplicate = 2, MicroBatchSize = 2, ZeroStage = zero });
        var sums = trace.Collectives.Where(sum => sum.Record.Axis == axis && sum.Record.Kind == kind && sum.Record.Bytes > FewValues).ToList();

        sums.Count.ShouldBe(count);
        sums.Count(sum => Operators(trace, sum) == 0).ShouldBe(bare);
    }

    [Fact]
    public void Gradients_OfSeveralMicrobatches_AreSummedBehindTheLast()
    {
        var trace = Run(new Layout { DpReplicate = 2, MicroBatchSize = 1 });
        var backward = trace.Actions.Count - 1;

        trace.Collectives.Where(sum => sum.Record.Bytes > FewValues).ShouldAllBe(sum => sum.Action == backward);
    }

    /// <summary>Weights are gathered for the forward and the backward pass; nothing is computed before the first block of each.</summary>
    [Fact]
    public void Weights_OfABlock_AreGatheredBehindTheOneBefore()
    {
        var trace = Run(new Layout { DpShard = 4, MicroBatchSize = 2, ZeroStage = 3 });
        var gathers = trace.Collectives.Where(gather => gather.Record.Kind == CollectiveKind.AllGather).ToList();

        gathers.Count.ShouldBe(1 + 2 * NumLayers + 2 + 2 * NumLayers);
        gathers.Count(gather => Operators(trace, gather) == 0).ShouldBe(1 + 2);
    }

    /// <summary>Each group's new weights are told while the next groups are updated.</summary>
    [Fact]
    public void Weights_OfAGroup_AreToldBehindTheNextUpdates()
    {
        var trace = Run(new Layout { DpShard = 4, MicroBatchSize = 2, ZeroStage = 1 });
        var gathers = trace.Collectives.Where(gather => gather.Record.Kind == CollectiveKind.AllGather).ToList();

        gathers.Count.ShouldBe(2 * NumLayers + 3);
        gathers.Count(gather => Operators(trace, gather) == 0).ShouldBe(1);
    }

    /// <summary>Of the six gathers of rows a layer and microbatch, those of the weight halves have a product behind them.</summary>
    [Fact]
    public void Rows_OfTheWeightHalves_AreGatheredBehindAProduct()
    {
        var trace = Run(new Layout { Tp = 2, MicroBatchSize = 8, HasSequenceParallel = true });

        trace.Collectives.Count(gather => gather.Record.Kind == CollectiveKind.AllGather && Operators(trace, gather) > 0).ShouldBe(2 * NumLayers);
    }

    /// <summary>Microbatches go F0 B0 F1 B1 ... on the last stage: only the first activation has no action before it.</summary>
    [Fact]
    public void Messages_OfAPipeline_AreReceivedBehindTheActionBefore()
    {
        var trace = Run(new Layout { Pp = 2, MicroBatchSize = 1, Schedule = PipelineScheduleKind.OneForwardOneBackward }, rank: 1);
        var receives = trace.Collectives.Where(message => message.Record.Kind == CollectiveKind.Receive).ToList();

        receives.Count.ShouldBe(TrialSpec.SequencesPerStep);
        receives.Skip(1).ShouldAllBe(message => Operators(trace, message) > 0 && ActionOf(trace, message) == PipelineActionKind.Backward);
    }

    [Fact]
    public void Messages_OfAPipeline_AreSentBehindWhatFollows()
    {
        var trace = Run(new Layout { Pp = 2, MicroBatchSize = 1, Schedule = PipelineScheduleKind.OneForwardOneBackward }, rank: 0);
        var sends = trace.Collectives.Where(message => message.Record.Kind == CollectiveKind.Send).ToList();

        var end = trace.Actions[^1].EndPlace;

        sends.Count.ShouldBe(TrialSpec.SequencesPerStep);
        sends.ShouldAllBe(message => message.WaitPlace == null || message.WaitPlace >= end);
    }

    /// <summary>Forward two passes of k‖v, backward two again and three of gradients, of which the last comes home.</summary>
    [Fact]
    public void Keys_OnARing_TravelBehindAttention()
    {
        var trace = Run(new Layout { Cp = 4, MicroBatchSize = 8, CpMethod = ContextParallelMethod.Ring });
        var passes = trace.Collectives.Where(pass => pass.Record.Kind == CollectiveKind.SendReceive).ToList();

        passes.Count.ShouldBe(NumLayers * (3 + 3 + 4));
        passes.Count(pass => !HasAttentionBehind(trace, pass)).ShouldBe(NumLayers);
    }

    private static StepTrace Run(Layout layout, int rank = 0) => ShapeStep.Run(TracedTrials.SettingOf(new TrialSpec(), layout), rank);

    private static int Operators(StepTrace trace, TracedCollective collective) => trace.Operators.Count(
        op => (op.Call.Flops > 0 || op.Call.Name == "embedding") && IsBehind(collective, op));

    private static bool HasAttentionBehind(StepTrace trace, TracedCollective pass) => trace.Operators.Any(
        op => op.Call.Name.StartsWith("keyed_attention", StringComparison.Ordinal) && IsBehind(pass, op));

    private static bool IsBehind(TracedCollective collective, TracedOperator op) => op.Place > collective.Place && op.Place < collective.WaitPlace;

    private static PipelineActionKind ActionOf(StepTrace trace, TracedCollective collective) => trace.Actions[collective.Action!.Value].Action.Kind;
}
