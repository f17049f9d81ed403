using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>What becomes of a plan if one figure that it rests on is another.</summary>
/// <param name="Name">For example <c>network bandwidth</c>.</param>
/// <param name="Factor">What the figure is multiplied with.</param>
/// <param name="Kept">Of the plan, every layout kept.</param>
/// <param name="Best">Of the best among the layouts that the plan lists for its main phase.</param>
/// <param name="BestLayout">Its place in that list; 0 where the winner stays.</param>
public sealed record Sensitivity(string Name, double Factor, PlanChange Kept, PlanChange Best, int BestLayout)
{
    /// <summary>Each figure with a smaller and a larger factor, largest effect on the objective first.</summary>
    public static IReadOnlyList<Sensitivity> Of(TrainingPlan plan)
    {
        var request = plan.Request;
        var before = PlanTotals.Of(request, plan, plan.Main.Winner);
        var found =
            from factor in SensitivityFactor.For(request)
            from times in new[] { factor.Low, factor.High }
            where times != 1
            select Measure(factor.Name, times, factor.Apply(request, times), plan, before, plan.Main.Best);
        return
        [
            .. found.Concat(OfBatch(plan, before)).GroupBy(s => s.Name)
                .OrderByDescending(pair => pair.Max(s => Math.Abs(s.Kept.Of(request.Objective)))).SelectMany(pair => pair),
        ];
    }

    private static Sensitivity Measure(
        string name, double factor, PlanRequest changed, TrainingPlan plan, in PlanTotals before, IReadOnlyList<Candidate> layouts)
    {
        var was = before;
        var changes = layouts.Select(layout => PlanTotals.Of(changed, plan, layout).Against(was)).ToArray();
        var best = Enumerable.Range(0, changes.Length).MinBy(i => changes[i].Of(changed.Objective));
        return new Sensitivity(name, factor, changes[0], changes[best], best);
    }

    /// <summary>Half and twice the batch, as near as the winner's layout allows; the run's tokens stay.</summary>
    private static IEnumerable<Sensitivity> OfBatch(TrainingPlan plan, PlanTotals before)
    {
        foreach (var factor in new[] { 0.5, 2 })
        {
            if (WithBatch(plan.Request, plan.Main, factor) is { } main)
            {
                var times = (double)main.GlobalBatchSequences / plan.Main.Winner.GlobalBatchSequences;
                yield return Measure("global batch", times, plan.Request, plan, before, [main]);
            }
        }
    }

    /// <summary>Null where no batch about so large is legal and fits.</summary>
    private static Candidate? WithBatch(PlanRequest request, PhasePlan main, double factor)
    {
        var (winner, phase) = (main.Winner, main.Phase);
        var unit = winner.GlobalBatchSequences / winner.Layout.MicroBatches(winner.GlobalBatchSequences);
        var wanted = factor * winner.Layout.MicroBatches(winner.GlobalBatchSequences);
        var near = Enumerable.Range(0, winner.Layout.Pp).SelectMany(d => new[] { (long)wanted - d, (long)wanted + d });
        foreach (var microBatches in near.Where(n => n > 0))
        {
            var workload = request.WorkloadOf(phase, microBatches * unit);
            if (!LayoutRules.IsLegal(workload, request.Cluster, winner.Layout))
                continue;
            new MemoryModel(workload, request.Cluster, request.Stack.Memory).FullestStage(winner.Layout, out var memory);
            return memory.Total <= request.MemoryLimit && microBatches * unit != winner.GlobalBatchSequences
                ? winner with { GlobalBatchSequences = microBatches * unit }
                : null;
        }

        return null;
    }
}
