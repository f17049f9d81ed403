using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using CsCheck;

namespace Altiplano.Tests.Planning.Mesh;

public sealed class LayoutRulesTests
{
    private static readonly ClusterSpec Cluster = PlanningSamples.Cluster(16_384);
    private static readonly Workload Work = PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 1024);

    private static readonly Workload[] Workloads =
    [
        Work, PlanningSamples.Work(PlanningSamples.Maverick, 4096, 960), PlanningSamples.Work(PlanningSamples.DeepSeekV3, 4096, 15_360),
        PlanningSamples.Work(PlanningSamples.Gpt(6144, 48, 64), 2048, 96),
    ];

    private static readonly Gen<Layout> AnyLayout =
        from degrees in Gen.Select(Gen.Int[0, 12], Gen.Int[0, 5], Gen.Int[0, 18], Gen.Int[1, 3], Gen.Int[0, 40], Gen.Int[0, 10])
        from rest in Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[-1, 4], Gen.Bool, Gen.Int[0, 3])
        select new Layout
        {
            Tp = degrees.Item1, Cp = degrees.Item2, DpShard = degrees.Item3, DpReplicate = degrees.Item4, Pp = degrees.Item5, Ep = degrees.Item6,
            VirtualStages = rest.Item1, MicroBatchSize = rest.Item2, ZeroStage = rest.Item3, HasSequenceParallel = rest.Item4,
            Schedule = (PipelineScheduleKind)rest.Item5,
        };

    [Fact]
    public void IsLegal_AnyLayout_AgreesWithFindProblems() =>
        Gen.Select(Gen.Int[0, Workloads.Length - 1], AnyLayout).Sample(
            (work, layout) => LayoutRules.FindProblems(Workloads[work], Cluster, layout, "").Count == 0
                == LayoutRules.IsLegal(Workloads[work], Cluster, layout),
            seed: "000000000004", iter: 20_000);

    [Fact]
    public void IsLegal_ManyLayouts_AllocatesNothing()
    {
        var layout = new Layout { Tp = 8, DpShard = 16, Pp = 4, Cp = 2, HasSequenceParallel = true };
        LayoutRules.IsLegal(Work, Cluster, layout).ShouldBeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 1; i < 1000; i++)
            LayoutRules.IsLegal(Work, Cluster, layout with { DpReplicate = i });

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void IsLegal_CompletePublishedRuns_AllOfThem()
    {
        var complete = CaseFile.Read(TestAssets.Require("published-runs.json")).Where(run => run.IsComplete).Select(run => run.Id);

        complete.Except(PublishedRuns.Read().Select(run => run.Run.Id)).ShouldBeEmpty();
    }

    /// <summary>arXiv:2407.21783, Table 4.</summary>
    [Theory]
    [InlineData(8_192, 8192, 2048, 1, 64)]
    [InlineData(16_384, 8192, 2048, 1, 128)]
    [InlineData(16_384, 131_072, 128, 16, 8)]
    public void IsLegal_Llama405B_AsItWasTrained(int gpus, int seqLen, int sequences, int cp, int dp) =>
        LayoutRules.FindProblems(
            PlanningSamples.Work(PlanningSamples.Llama405B, seqLen, sequences), PlanningSamples.Cluster(gpus),
            new Layout
            {
                Tp = 8, Cp = cp, Pp = 16, DpShard = dp, HasSequenceParallel = true, VirtualStages = 8,
                Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
            },
            "").ShouldBeEmpty();

    [Fact]
    public void IsLegal_MoreTpRanksThanKeyValueHeads_CopiesThem() =>
        LayoutRules.IsLegal(Work, Cluster, new Layout { Tp = 32 }).ShouldBeTrue();

    public static TheoryData<Layout, string> Broken => new()
    {
        { new Layout { Tp = 0 }, "run.mesh.tp is 0, but it must be 1 or more. Use 1." },
        { new Layout { Tp = 7 }, "run.mesh.tp is 7, but the 32 query heads must divide by it: each rank needs whole heads. Use 4 or 8." },
        {
            new Layout { Cp = 3 },
            "run.mesh.cp is 3, but run.batch.seq_len 8192 must divide by 2 x cp 3 = 6 (a head and a tail piece for each rank). Use 2 or 4."
        },
        {
            new Layout { Pp = 40 },
            "run.mesh.pp is 40, but pp x virtual_stages = 40 x 1 chunks, and each needs one of 32 layers, the embedding or the head. Use 34 or less."
        },
        {
            new Layout { Pp = 2, VirtualStages = 100, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward },
            "run.parallel.virtual_stages is 100, but pp x virtual_stages = 2 x 100 chunks, and each needs one of 32 layers, the embedding or the head. " +
            "Use 2 to 17."
        },
        {
            new Layout { Pp = 20, VirtualStages = 20, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward },
            "run.mesh.pp is 20, but pp x virtual_stages = 20 x 20 chunks, and each needs one of 32 layers, the embedding or the head. " +
            "Use 17 or less with virtual_stages 2."
        },
        {
            new Layout { Pp = 4, VirtualStages = 2 },
            "run.parallel.virtual_stages is 2, but only interleaved_1f1b has more than one chunk a rank. Use 1, or pp_schedule: interleaved_1f1b."
        },
        {
            new Layout { Pp = 4, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward },
            "run.parallel.virtual_stages is 1, but the schedule interleaved_1f1b needs 2 chunks a rank or more. Use 2, or pp_schedule: 1f1b."
        },
        {
            new Layout { VirtualStages = 2, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward },
            "run.mesh.pp is 1, but the schedule interleaved_1f1b needs a pipeline. Use 2 or more, or pp_schedule: 1f1b."
        },
        {
            new Layout { Pp = 4, VirtualStages = 2, DpShard = 512, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward },
            "run.mesh.pp is 4, but interleaved_1f1b needs a microbatch for each stage, and a replica has 2 of them. " +
            "Use 2 or less, or a larger run.batch.global_batch_tokens."
        },
        { new Layout { Ep = 2, DpShard = 2 }, "run.mesh.ep is 2, but llama-8b has no experts. Use 1." },
        {
            new Layout { DpShard = 48, MicroBatchSize = 3 },
            "run.batch.global_batch_tokens is 1024 sequences of 8192 tokens, but they must divide by dp_replicate x dp_shard x micro_batch_size " +
            "= 1 x 48 x 3 = 144. Use 1008 or 1152 sequences."
        },
        {
            new Layout { ZeroStage = 4 },
            "run.parallel.zero is 4, but it counts what is sharded: 0 nothing, 1 optimizer state, 2 gradients too, 3 parameters too. Use 0, 1, 2 or 3."
        },
        {
            new Layout { DpShard = 1024, Tp = 32 },
            "run.mesh is pp 1 x dp_replicate 1 x dp_shard 1024 x cp 1 x tp 32 = 32768 ranks, but the cluster sample has 16384 GPUs. " +
            "Use fewer ranks, or a larger cluster."
        },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void FindProblems_OneRuleBroken_SaysWhichAndWhatToUse(Layout layout, string expected) =>
        LayoutRules.FindProblems(Work, Cluster, layout, "run").ShouldBe([expected]);

    [Fact]
    public void FindProblems_KeyValueHeadsThatNeitherDivideNorCopy_SaysSo() =>
        LayoutRules.FindProblems(
            PlanningSamples.Work(PlanningSamples.Llama8B with { NumAttentionHeads = 24, NumKeyValueHeads = 8, HeadDim = 128, IntermediateSize = 12_288 }, 8192, 1024),
            Cluster, new Layout { Tp = 12 }, "").ShouldBe(
            ["mesh.tp is 12, but 8 key/value heads can be neither dealt out nor copied to so many ranks evenly. Use 8 or 24."]);

    [Fact]
    public void FindProblems_WidthsOfExperts_AreNamed() =>
        LayoutRules.FindProblems(
            PlanningSamples.Work(PlanningSamples.Maverick, 8192, 960), Cluster, new Layout { Tp = 40 }, "").ShouldBe(
            ["mesh.tp is 40, but the feed-forward widths 16384, 8192 must divide by it. Use 8."]);

    [Fact]
    public void FindProblems_ExpertsThatDoNotDivide_SaysWhatTheyAreCarvedFrom() =>
        LayoutRules.FindProblems(
            PlanningSamples.Work(PlanningSamples.Maverick, 8192, 960), Cluster, new Layout { DpShard = 96, Ep = 24 }, "").ShouldBe(
            ["mesh.ep is 24, but it must divide the 128 experts and dp_shard x cp = 96 x 1 = 96, out of which it is carved. Use 16 or 32."]);

    [Fact]
    public void FindProblems_SequenceParallelThatDoesNotDivide_SaysSo() =>
        LayoutRules.FindProblems(
            PlanningSamples.Work(PlanningSamples.Llama8B, 8190, 1024), Cluster, new Layout { Tp = 8, HasSequenceParallel = true }, "").ShouldBe(
            ["parallel.sequence_parallel is true, but batch.seq_len 8190 must divide by tp, which is 8. Use false."]);

    [Fact]
    public void FindProblems_SeveralRulesBroken_NamesThemTogether() =>
        LayoutRules.FindProblems(Work, Cluster, new Layout { Tp = 3, Cp = 5, Pp = 64, DpShard = 3, ZeroStage = 9 }, "").Count.ShouldBe(6);
}
