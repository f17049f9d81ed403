using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using CsCheck;

namespace Altiplano.Tests.Planning.Search;

public sealed class SearchSpaceTests
{
    [Fact]
    public void Trunks_AnyRequest_MakeEachLayoutOnce() => SearchSamples.Requests.Sample(
        request =>
        {
            var layouts = Layouts(request).ToArray();

            layouts.Distinct().Count().ShouldBe(layouts.Length);
        },
        iter: 10, seed: "0000KTfjxa_6", threads: 1);

    [Fact]
    public void Trunks_AnyRequest_CountWhatTheyMake() => SearchSamples.Requests.Sample(
        request => new SearchSpace(request, request.Phases[0], request.Cluster.NumGpus).Trunks().Sum(t => t.LayoutsOfBatch)
            .ShouldBe(Layouts(request).Count()),
        iter: 10, seed: "0000KTfjxa_6", threads: 1);

    [Fact]
    public void Trunks_EveryLegalLayoutOfASmallCluster_IsMade()
    {
        // 4 GPUs, 4 heads, 2 layers, sequences of 8 in batches of 4: all degrees up to 4, found by trying all numbers.
        var request = SearchSamples.Request(
            SearchSamples.Dense with { NumAttentionHeads = 4, NumKeyValueHeads = 4, NumLayers = 2, HiddenSize = 512 }, SearchSamples.Cluster(4), 4, 4, seqLen: 8);
        var workload = request.WorkloadOf(request.Phases[0], 4);
        var all =
            from tp in Enumerable.Range(1, 4)
            from cp in Enumerable.Range(1, 4)
            from pp in Enumerable.Range(1, 4)
            from shard in Enumerable.Range(1, 4)
            from replicate in Enumerable.Range(1, 4)
            where tp * cp * pp * shard * replicate == 4
            from microBatch in Enumerable.Range(1, 4)
            from chunks in Enumerable.Range(1, 4)
            from schedule in request.Schedules
            where pp * chunks <= request.Model.NumLayers
            let layout = new Layout
            {
                Tp = tp, Cp = cp, Pp = pp, DpShard = shard, DpReplicate = replicate, MicroBatchSize = microBatch, VirtualStages = chunks,
                Schedule = schedule, ZeroStage = shard * cp > 1 ? 1 : 0,
            }
            where LayoutRules.IsLegal(workload, request.Cluster, layout)
            where shard * cp > 1 || replicate == 1
            where pp > 1 || schedule == PipelineScheduleKind.OneForwardOneBackward
            select layout;

        all.Except(Layouts(request)).ShouldBeEmpty();
    }

    [Fact]
    public void Trunks_PipelineLeftOpen_HasNoZeroBubbleAndALayerInEachChunk()
    {
        var layouts = Layouts(OfSixLayers(FixedChoices.None)).ToArray();

        layouts.Max(l => l.Pp * l.VirtualStages).ShouldBe(6);
        layouts.ShouldAllBe(l => l.Schedule != PipelineScheduleKind.ZeroBubble);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Trunks_GivenPipeline_MayHaveEndsWithoutLayers(int pp) =>
        Layouts(OfSixLayers(new FixedChoices { Pp = pp })).Max(l => l.Pp * l.VirtualStages).ShouldBe(8);

    [Fact]
    public void Trunks_PipelineOfAnotherPhase_HasALayerInEachChunk() =>
        Layouts(OfSixLayers(FixedChoices.None.OnMeshOf(new Layout { Pp = 2, DpShard = 8 }))).Max(l => l.Pp * l.VirtualStages).ShouldBe(6);

    [Fact]
    public void Trunks_ZeroBubbleGiven_IsKept() =>
        Layouts(OfSixLayers(new FixedChoices { Schedule = PipelineScheduleKind.ZeroBubble, Pp = 2 }))
            .Select(l => l.Schedule).Distinct().ShouldBe([PipelineScheduleKind.ZeroBubble]);

    private static PlanRequest OfSixLayers(FixedChoices given) =>
        SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 16, 16) with { Fixed = given };

    [Fact]
    public void Trunks_FixedChoices_AreKept()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 16, 16) with
        {
            Fixed = new FixedChoices { Tp = 4, Pp = 2, ZeroStage = 1, MicroBatchSize = 2, Recompute = Altiplano.Planning.Recompute.Full, SequenceParallel = true },
        };

        var layouts = Layouts(request).ToArray();

        layouts.ShouldNotBeEmpty();
        layouts.ShouldAllBe(l => l.Tp == 4 && l.Pp == 2 && l.ZeroStage == 1 && l.MicroBatchSize == 2
            && l.Recompute == Altiplano.Planning.Recompute.Full && l.HasSequenceParallel);
    }

    /// <summary>Those of one size of the batch for each trunk.</summary>
    private static IEnumerable<Layout> Layouts(PlanRequest request) =>
        from axes in new SearchSpace(request, request.Phases[0], request.Cluster.NumGpus).Trunks()
        from schedule in axes.Schedules
        from variant in Enumerable.Range(0, axes.Variants.Length)
        from sharding in axes.Shardings[variant]
        select axes.Variants[variant] with
        {
            Pp = axes.Trunk.Pp,
            Schedule = schedule.Kind,
            VirtualStages = schedule.VirtualStages,
            DpShard = sharding.DpShard,
            DpReplicate = sharding.DpReplicate,
            ZeroStage = sharding.ZeroStage,
        };
}
