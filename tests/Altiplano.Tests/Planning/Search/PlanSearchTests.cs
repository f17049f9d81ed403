using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using CsCheck;

namespace Altiplano.Tests.Planning.Search;

public sealed class PlanSearchTests
{
    private const string Seed = "0000KTfjxa_6";

    [Fact]
    public void Run_BoundedAndExhaustive_FindTheSame() => SearchSamples.Requests.Sample(
        request =>
        {
            var bounded = Search(request);
            var exhaustive = Search(request with { IsExhaustive = true });

            bounded.Best.Items.ToArray().ShouldBe(exhaustive.Best.Items.ToArray());
            exhaustive.Counts.SkippedByTime.ShouldBe(0);
            exhaustive.Counts.SkippedByMemory.ShouldBe(0);
        },
        iter: 60, seed: Seed, threads: 1);

    [Fact]
    public void Run_OneAndSeveralThreads_FindAndCountTheSame() => SearchSamples.Requests.Sample(
        request =>
        {
            var one = Search(request);
            var three = Search(request with { Threads = 3 });

            three.Best.Items.ToArray().ShouldBe(one.Best.Items.ToArray());
            three.Counts.ShouldBe(one.Counts);
        },
        iter: 30, seed: Seed, threads: 1);

    [Fact]
    public void Counts_AnySearch_AddUpToTheRawNumber() => SearchSamples.Requests.Sample(
        request =>
        {
            var counts = Search(request).Counts;

            (counts.Evaluated + counts.Illegal + counts.SkippedByTime + counts.SkippedByMemory).ShouldBe(counts.Raw);
        },
        iter: 30, seed: Seed, threads: 1);

    [Fact]
    public void Evaluate_AnyLayout_AllocatesNothing()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(64), 64, 64);
        var run = new RunModel(request, request.Phases[0]);
        var workload = request.WorkloadOf(request.Phases[0], 64);
        var cost = new CostModel(workload, request.Cluster, request.Stack);
        var layout = new Layout { Tp = 4, Pp = 3, DpShard = 4, VirtualStages = 2, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward };
        var shares = run.Shares(layout.World, layout.Dp);
        var dollars = Evaluate();

        var before = GC.GetAllocatedBytesForCurrentThread();
        dollars += Evaluate();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        dollars.ShouldBeGreaterThan(0);

        double Evaluate() => LayoutRules.IsLegal(workload, request.Cluster, layout)
            ? run.Evaluate(layout.World, shares, cost.Evaluate(layout), workload.TokensPerStep).Dollars
            : 0;
    }

    private static SearchTally Search(PlanRequest request) =>
        new PlanSearch(request, request.Phases[0], request.Cluster.NumGpus).Run();
}
