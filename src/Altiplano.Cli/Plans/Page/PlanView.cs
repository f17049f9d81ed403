using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Power;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;

namespace Altiplano.Cli.Plans.Page;

/// <summary>A plan with what several sections of its page show.</summary>
internal sealed class PlanView
{
    public PlanView(TrainingPlan plan, PlanBackground background)
    {
        Plan = plan;
        Background = background;
        Figures = PlanFigures.Of(plan.Request, plan.Main);
        PowerModel = new PowerModel(Cluster, plan.Request.Precision);
        Power = PowerModel.Evaluate(Winner.Step, Layout.World);
        Simulated = plan.Request.Reliability is null ? null : SimulatedPlan.Of(plan);
    }

    public TrainingPlan Plan { get; }
    public PlanBackground Background { get; }
    public PlanFigures Figures { get; }
    public PowerModel PowerModel { get; }
    public StepPower Power { get; }

    /// <summary>The run as it is simulated; null where failures are not counted.</summary>
    public SimulatedPlan? Simulated { get; }

    public PlanRequest Request => Plan.Request;
    public ClusterSpec Cluster => Request.Cluster;
    public PhasePlan Main => Plan.Main;
    public Candidate Winner => Main.Winner;
    public Layout Layout => Winner.Layout;
    public double StepSeconds => Winner.Step.Time.Total;
}
