using Altiplano.Planning.Architecture;
using Altiplano.Planning.Economics;

namespace Altiplano.Planning.Search;

/// <summary>What a published scaling law says of a run's budget.</summary>
/// <param name="Flops">Model FLOPs of the run, recompute not counted.</param>
/// <param name="Optimum">The size and length that the law calls best for them.</param>
/// <param name="Loss">What it predicts of the run as planned, in nats a token of its own corpus; null where it predicts none.</param>
public sealed record PlanScaling(ScalingLaw Law, double Flops, ComputeOptimal Optimum, double? Loss)
{
    /// <summary>One for each published law.</summary>
    public static IReadOnlyList<PlanScaling> Of(TrainingPlan plan)
    {
        var model = plan.Request.Model;
        var active = new ShapeParameters(model).Active;
        var flops = plan.Phases.Sum(p => ShapeFlops.Of(model, p.Phase.SeqLen).PerSequence * p.Phase.Tokens / p.Phase.SeqLen);
        return [.. ScalingLaw.Published.Select(law => new PlanScaling(law, flops, law.For(flops), (law as LossLaw)?.Loss(active, plan.Tokens)))];
    }
}
