namespace Altiplano.Planning.Search;

/// <summary>Finds the best layouts of one phase on one number of GPUs.</summary>
/// <remarks>
/// Trunks are taken in rounds that grow; a round's trunks know only what earlier rounds found. So the result and all
/// counts are the same for any number of threads.
/// </remarks>
internal sealed class PlanSearch(PlanRequest request, PlanPhase phase, int world)
{
    private const int LargestRound = 64;

    public SearchTally Run()
    {
        var trunks = new SearchSpace(request, phase, world).Trunks().ToArray();
        var search = new TrunkSearch(request, new CostModels(request, phase), new RunModel(request.Cluster, phase.Tokens));
        var found = new SearchTally(request.Top);
        var (next, size) = (0, 1);
        while (next < trunks.Length)
        {
            var round = trunks.AsMemory(next, Math.Min(size, trunks.Length - next));
            foreach (var part in RunRound(search, round, found.Best.Threshold))
                found.Merge(part);
            next += round.Length;
            size = Math.Min(2 * size, LargestRound);
        }

        return found;
    }

    private SearchTally[] RunRound(TrunkSearch search, ReadOnlyMemory<TrunkAxes> round, double threshold)
    {
        var parts = new SearchTally[round.Length];
        Parallel.For(
            0, round.Length, new ParallelOptions { MaxDegreeOfParallelism = request.Threads },
            i => parts[i] = search.Run(round.Span[i], threshold));
        return parts;
    }
}
