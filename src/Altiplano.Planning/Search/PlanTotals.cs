using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>What all phases of a run take together; SI units.</summary>
/// <param name="Step">Of the main phase.</param>
/// <param name="FacilityWatts">Of the main phase.</param>
internal readonly record struct PlanTotals(double Step, double Seconds, double Dollars, double Joules, double FacilityWatts)
{
    /// <summary>The run with one of the main phase's layouts, and the winners of the other phases.</summary>
    /// <param name="request">What is asked, its figures changed or not.</param>
    public static PlanTotals Of(PlanRequest request, TrainingPlan plan, in Candidate main)
    {
        var totals = default(PlanTotals);
        foreach (var phase in plan.Phases)
        {
            var isMain = phase == plan.Main;
            var candidate = isMain ? main : phase.Winner;
            var (step, run) = Evaluate(request, phase.Phase, candidate);
            totals += new PlanTotals(isMain ? step : 0, run.Seconds, run.Dollars, run.Joules, isMain ? run.FacilityWatts : 0);
        }

        return totals;
    }

    public static PlanTotals operator +(in PlanTotals a, in PlanTotals b) =>
        new(a.Step + b.Step, a.Seconds + b.Seconds, a.Dollars + b.Dollars, a.Joules + b.Joules, a.FacilityWatts + b.FacilityWatts);

    public PlanChange Against(in PlanTotals before) => new(
        Step / before.Step - 1, Seconds / before.Seconds - 1, Dollars / before.Dollars - 1, Joules / before.Joules - 1,
        FacilityWatts / before.FacilityWatts - 1);

    private static (double Step, RunEconomics Run) Evaluate(PlanRequest request, PlanPhase phase, in Candidate candidate)
    {
        var workload = request.WorkloadOf(phase, candidate.GlobalBatchSequences);
        var step = new CostModel(workload, request.Cluster, request.Stack).Evaluate(candidate.Layout);
        var run = new RunModel(request, phase);
        var shares = run.Shares(candidate.Layout.World, candidate.Layout.Dp);
        return (step.Time.Total, run.Evaluate(candidate.Layout.World, shares, step, workload.TokensPerStep));
    }
}
