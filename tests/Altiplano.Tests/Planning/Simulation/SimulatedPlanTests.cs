using Altiplano.Planning;
using Altiplano.Planning.Power;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Search;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class SimulatedPlanTests
{
    private static readonly PlanRequest Request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 32, 32);
    private static readonly TrainingPlan Plan = new Planner(Request).Plan();

    [Fact]
    public void Of_APlan_TrainsItsTokensOnItsServers()
    {
        var spec = SimulatedPlan.Of(Plan).Spec;

        (spec.Servers, spec.GpusPerServer, spec.Replicas).ShouldBe((2, 8, Plan.Main.Winner.Layout.Dp));
        spec.StepTime.Value.ShouldBe(Plan.Main.Winner.Step.Time.Total, 1e-3 * spec.StepTime.Value);
        (spec.Steps!.Value * Plan.Main.TokensPerStep).ShouldBeInRange(Plan.Tokens, Plan.Tokens + Plan.Main.TokensPerStep);
        spec.FindProblems("run").ShouldBeEmpty();
    }

    [Fact]
    public void Of_APlan_DrawsThePowerModelsWatts()
    {
        var power = SimulatedPlan.Of(Plan).Spec.Power;
        var model = new PowerModel(Request.Cluster, Request.Precision);

        power.Training.ShouldBe(model.MeanUse(Plan.Main.Winner.Step).It, 1e-6);
        power.Restart.ShouldBe(model.StoppedUse.It);
        power.Idle.ShouldBe(model.IdleUse.It);
        power.Compute.ShouldBeGreaterThan(power.Communication);
    }

    [Fact]
    public void Of_APlan_TakesAsLongAsThePlanSays()
    {
        var result = Simulator.Run(SimulatedPlan.Of(Plan).Spec, 1, 200, 2);

        (result.Days.Mean * Seconds.PerDay).ShouldBe(Plan.Seconds, 0.03 * Plan.Seconds);
    }

    [Fact]
    public void Of_SeveralPhases_HasTheStepsOfAllAndTheirMeanTime()
    {
        var plan = new Planner(Request with { Phases = [new PlanPhase("ramp", 1e9, 1024, 32, 32), new PlanPhase("rest", 9e9, 2048, 32, 32)] }).Plan();

        var spec = SimulatedPlan.Of(plan).Spec;

        (spec.Steps!.Value * spec.StepTime.Value).ShouldBe(plan.Phases.Sum(p => p.Phase.Tokens / p.TokensPerSecond), 1e-6 * plan.Seconds);
        spec.StepTime.Value.ShouldBeInRange(plan.Phases[0].Winner.Step.Time.Total, plan.Main.Winner.Step.Time.Total);
    }

    [Fact]
    public void Of_SeveralPolicies_TakesTheOneThatKeepsMost()
    {
        var quick = Request.Reliability!.Policies[0] with { Name = "quick", Restart = new Seconds(5) };
        var request = Request with { Reliability = Request.Reliability with { Policies = [.. Request.Reliability.Policies, quick] } };

        var run = SimulatedPlan.Of(new Planner(request).Plan());

        run.Ranking.Select(choice => choice.Policy.Name).ShouldBe(["quick", "disk"]);
        run.Spec.Policy.ShouldBe(quick);
        (run.Spec.Interval, run.Spec.Spares).ShouldBe((run.Ranking[0].Interval, run.Ranking[0].Spares));
    }

    [Fact]
    public void Of_APlanWithoutFailures_SaysWhatToName() =>
        Should.Throw<ConfigException>(() => SimulatedPlan.Of(new Planner(Request with { Reliability = null }).Plan()))
            .Message.ShouldBe("The plan does not count failures (--recovery none), so there is nothing to simulate. Name a recovery, or auto.");
}
