using Altiplano.Planning.Costs;
using Altiplano.Planning.Power;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>A plan as a run to be played, and how its recovery was chosen.</summary>
/// <param name="Ranking">Every policy that the plan may use at its best, the best first.</param>
public sealed record SimulatedPlan(SimulatedRunSpec Spec, IReadOnlyList<RecoveryChoice> Ranking)
{
    /// <summary>The run of a plan: its steps, servers, replicas, failures, the recovery that suits them best, and its watts.</summary>
    /// <remarks>Phases are played as one: all their steps, each as long as the mean, on the servers of the longest phase.</remarks>
    /// <exception cref="ConfigException">The plan does not count failures.</exception>
    public static SimulatedPlan Of(TrainingPlan plan)
    {
        var reliability = plan.Request.Reliability
            ?? throw new ConfigException("The plan does not count failures (--recovery none), so there is nothing to simulate. Name a recovery, or auto.");
        var perServer = plan.Request.Cluster.Server.GpusPerServer;
        var (layout, steps) = (plan.Main.Winner.Layout, StepsOf(plan));
        var servers = (int)((layout.World + perServer - 1) / perServer);
        var stepTime = plan.Phases.Sum(p => p.Phase.Tokens / p.TokensPerSecond) / steps;
        var scale = new RunScale(servers, (int)Math.Min(perServer, layout.World), layout.Dp, stepTime);
        var ranking = RecoverySearch.Rank(reliability.Rates, reliability.Policies, scale, reliability.Stragglers);
        var spec = new SimulatedRunSpec
        {
            StepTime = new Seconds(stepTime),
            Steps = steps,
            Servers = servers,
            GpusPerServer = scale.GpusPerServer,
            Replicas = layout.Dp,
            Spares = ranking[0].Spares,
            Rates = reliability.Rates,
            Policy = ranking[0].Policy,
            Stragglers = reliability.Stragglers,
            Interval = ranking[0].Interval,
            Power = LevelsOf(new PowerModel(plan.Request.Cluster, plan.Request.Precision), plan.Main.Winner.Step),
        };
        return new SimulatedPlan(spec, ranking);
    }

    private static long StepsOf(TrainingPlan plan) =>
        plan.Phases.Sum(p => Math.Max(1, (long)Math.Ceiling(p.Phase.Tokens / p.TokensPerStep)));

    /// <summary>IT watts of a GPU with its share of all around it; the mean over a step is the power model's.</summary>
    private static PowerLevels LevelsOf(PowerModel power, in StepCost step) => new()
    {
        Compute = power.PeakUse(step).It,
        Communication = power.WaitingUse(step).It,
        Checkpoint = power.CheckpointUse(step).It,
        Restart = power.StoppedUse.It,
        Idle = power.IdleUse.It,
        CommunicationShare = 1 - power.Evaluate(step, 1).Gpu.BusyShare,
    };
}
