using Altiplano.Planning.Search;
using CsCheck;

namespace Altiplano.Tests.Planning.Search;

public sealed class PlanSearchTests
{
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

    private const string Seed = "0000KTfjxa_6";

    private static SearchTally Search(PlanRequest request) =>
        new PlanSearch(request, request.Phases[0], request.Cluster.NumGpus).Run();
}
