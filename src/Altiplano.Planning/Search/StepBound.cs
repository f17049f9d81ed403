using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Lower bounds of the objective for all layouts of a trunk, from the work of a microbatch.</summary>
/// <remarks>
/// With W seconds of work on p stages, m microbatches and the schedule's share q of the bubble, no step is shorter than
/// W / p · (m + q (p - 1)): the slowest stage takes W / p or more, the step is m times the slowest stage plus q times the
/// others, and q is at most 1, so at most m. Communication between replicas, transfers and the optimizer only add; waiting for the
/// slowest rank is the same share of every step of so many ranks. While the slowest stage works its GPUs draw the bound's watts or
/// more, for the rest of the step what a GPU draws that waits.
/// </remarks>
internal readonly struct StepBound(PlanRequest request, RunModel run, long world, in RecoveryShares recovery, double stragglers)
{
    private readonly RecoveryShares _recovery = recovery;
    private readonly double _waitingWatts = run.FacilityWatts(new StepCost(new StepTime { Bubble = 1 }, default, 0, 0, 0, 0, 0));

    public double Of(in WorkBound work, int pp, double bubbleShare, double microBatches, double tokensPerStep)
    {
        var busy = work.Seconds / pp * microBatches;
        var seconds = (busy + work.Seconds / pp * bubbleShare * (pp - 1)) * (1 + stragglers);
        var watts = request.Objective == Objective.Time
            ? 0
            : world * (_waitingWatts + Math.Max(0, work.Watts - _waitingWatts) * busy / seconds);
        return run.Compose(world, _recovery, seconds, tokensPerStep, 0, 0, watts).Of(request.Objective) * (1 - RoundingSlack);
    }

    /// <summary>Sums in another order differ in the last bits: a bound must not be above what it bounds by those.</summary>
    public const double RoundingSlack = 1e-9;

    /// <summary>Waiting for the slowest of so many ranks, over the rest of the step.</summary>
    public static double StragglerShare(TimeModel time, long world)
    {
        var step = time.Evaluate(new Layout { DpShard = (int)world }).Time;
        return step.Stragglers / (step.Total - step.Stragglers);
    }
}
