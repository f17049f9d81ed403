using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>Predicts published runs.</summary>
/// <param name="stackOf">The coefficients of a GPU, a fabric and a precision.</param>
public sealed class CaseEvaluator(CaseMapper mapper, Func<GpuSpec, FabricKind, Precision, StackCoefficients> stackOf)
{
    public CaseResult Evaluate(PublishedRun run) => mapper.TryMap(run, out var mapped, out var refusal)
        ? new CaseResult(run, Predict(mapped), null)
        : new CaseResult(run, null, refusal);

    public CasePrediction Predict(MappedCase mapped)
    {
        var stack = stackOf(mapped.Cluster.Gpu, mapped.Cluster.Network.Kind, mapped.Workload.Precision);
        var model = new CostModel(mapped.Workload, mapped.Cluster, stack);
        if (mapped.Run.Recompute is null && mapped.Run.RecomputeLayers is null)
            mapped = ChooseRecompute(mapped, model);
        var cost = Evaluate(model, mapped);
        return new CasePrediction
        {
            Case = mapped,
            Stack = stack.Name,
            Cost = cost,
            StepSeconds = Figure.Around(cost.Time.Total, stack.RelativeSigma, mapped.Grade),
        };
    }

    /// <summary>Where the source does not say what was recomputed: the least with which the run fits in memory.</summary>
    private static MappedCase ChooseRecompute(MappedCase mapped, CostModel model)
    {
        Recompute[] fromLeast = [Recompute.None, Recompute.Selective, Recompute.Full];
        var chosen = Array.Find(fromLeast, Fits);
        var recompute = Fits(chosen) ? chosen : Recompute.Full;
        return mapped with
        {
            Layout = mapped.Layout with { Recompute = recompute },
            Assumptions = [.. mapped.Assumptions, $"recompute is not given: {recompute.ToString().ToLowerInvariant()}, the least that fits"],
        };

        bool Fits(Recompute recompute) =>
            model.Evaluate(mapped.Layout with { Recompute = recompute }).Memory.Total <= mapped.Cluster.Gpu.Memory.Value;
    }

    /// <summary>Time and memory are linear in the number of layers that are recomputed.</summary>
    private static StepCost Evaluate(CostModel model, MappedCase mapped)
    {
        var all = model.Evaluate(mapped.Layout);
        return mapped.RecomputeShare >= 1
            ? all
            : StepCostBlend.Between(model.Evaluate(mapped.Layout with { Recompute = Recompute.None }), all, mapped.RecomputeShare);
    }
}
