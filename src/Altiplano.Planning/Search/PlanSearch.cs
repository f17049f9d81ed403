using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Finds the best layouts of one phase on one number of GPUs.</summary>
/// <remarks>
/// Trunks are taken by their lower bound, least first, in rounds that grow; a round's trunks know only what earlier rounds found. So
/// the result and all counts are the same for any number of threads, and the search ends at the first trunk that cannot win.
/// </remarks>
internal sealed class PlanSearch
{
    private const int LargestRound = 64;

    private readonly PlanRequest _request;
    private readonly CostModels _models;
    private readonly RunModel _run;
    private readonly SearchSpace _space;
    private readonly WorkBounds _work;
    private readonly double _stragglers;
    private readonly ParallelOptions _parallel;

    private sealed record BoundedTrunk(TrunkAxes Axes, WorkBound[] Work, StepBound Bound, double Least);

    public PlanSearch(PlanRequest request, PlanPhase phase, int world)
    {
        _request = request;
        _models = new CostModels(request, phase);
        _run = new RunModel(request, phase);
        _space = new SearchSpace(request, phase, world);
        var time = _models.For(phase.MaxBatchSequences).Time;
        _work = new WorkBounds(request, time, _run);
        _stragglers = StepBound.StragglerShare(time, world);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = request.Threads };
        SeqLen = phase.SeqLen;
    }

    private int SeqLen { get; }

    public SearchTally Run()
    {
        var trunks = BoundTrunks();
        var search = new TrunkSearch(_request, _models, _run);
        var found = new SearchTally(_request);
        var (next, size) = (0, 1);
        while (next < trunks.Length && (_request.IsExhaustive || trunks[next].Least <= found.Best.Threshold))
        {
            var round = trunks.AsMemory(next, Math.Min(size, trunks.Length - next));
            foreach (var part in RunRound(search, round, found.Best.Threshold))
                found.Merge(part);
            next += round.Length;
            size = Math.Min(2 * size, LargestRound);
        }

        var rest = trunks.Skip(next).Sum(t => t.Axes.Layouts);
        found.Counts += new SearchCounts { Raw = rest, SkippedByTime = rest };
        return found;
    }

    private SearchTally[] RunRound(TrunkSearch search, ReadOnlyMemory<BoundedTrunk> round, double threshold)
    {
        var parts = new SearchTally[round.Length];
        Parallel.For(0, round.Length, _parallel, i =>
        {
            var trunk = round.Span[i];
            parts[i] = search.Run(trunk.Axes, trunk.Work, trunk.Bound, threshold);
        });
        return parts;
    }

    private BoundedTrunk[] BoundTrunks()
    {
        var axes = _space.Trunks().ToArray();
        var bounded = new BoundedTrunk[axes.Length];
        Parallel.For(0, axes.Length, _parallel, i => bounded[i] = Bound(axes[i]));
        return [.. bounded.OrderBy(t => t.Least)];
    }

    private BoundedTrunk Bound(TrunkAxes axes)
    {
        var trunk = axes.Trunk;
        var work = _work.Of(axes);
        var least = work.Aggregate((a, b) => WorkBound.Least(a, b));
        var bound = new StepBound(_request, _run, trunk.World, _run.Shares(trunk.World, trunk.Dp), _stragglers);
        var (most, tokens) = (axes.MicroBatches.Most, (double)trunk.Sequences * SeqLen);
        var bubble = axes.Schedules.Min(s => Costs.PipelineTiming.BubbleShare(new Layout { Schedule = s.Kind, VirtualStages = s.VirtualStages }));

        // More microbatches spread the bubble: the largest batch of the range has the least of every share.
        return new BoundedTrunk(axes, work, bound, bound.Of(least, trunk.Pp, bubble, most, most * tokens));
    }
}
