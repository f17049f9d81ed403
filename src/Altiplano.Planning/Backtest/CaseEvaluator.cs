using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>Predicts published runs.</summary>
/// <param name="stackOf">The coefficients of a GPU, a fabric and a precision.</param>
public sealed class CaseEvaluator(CaseMapper mapper, Func<GpuSpec, FabricKind, Precision, StackCoefficients> stackOf)
{
    public CaseResult Evaluate(PublishedRun run)
    {
        try
        {
            if (!mapper.TryMap(run, out var mapped, out var refusal))
                return new CaseResult(run, null, refusal);
            var prediction = Predict(mapped);
            return prediction.StepSeconds.Value is > 0 and < double.PositiveInfinity && double.IsFinite(prediction.MemoryGib)
                ? new CaseResult(run, prediction, null)
                : throw new ArithmeticException($"A step would take {prediction.StepSeconds.Value} s.");
        }
        catch (ArithmeticException problem)
        {
            return new CaseResult(run, null, $"The sizes are beyond what can be computed. {problem.Message}");
        }
    }

    public CasePrediction Predict(MappedCase mapped)
    {
        var stack = stackOf(mapped.Cluster.Gpu, mapped.Cluster.Network.Kind, mapped.Workload.Precision);
        var model = new CostModel(mapped.Workload, mapped.Cluster, stack);
        mapped = WithFormatNamed(WithStackNamed(OpenChoices.Choose(mapped, model), stack));
        var cost = Evaluate(model, mapped);
        var lean = new CostModel(mapped.Workload, mapped.Cluster, stack with { Memory = stack.Memory.Lean() });
        return new CasePrediction
        {
            Case = mapped,
            Stack = stack,
            Cost = cost,
            LeastMemory = Evaluate(lean, mapped).Memory.Total,
            StepSeconds = Figure.Around(cost.Time.Total, stack.RelativeSigma, Figure.Weaker(mapped.Grade, stack.Evidence)),
        };
    }

    private static MappedCase WithStackNamed(MappedCase mapped, StackCoefficients stack) => stack.Evidence != Evidence.Assumed
        ? mapped
        : mapped with { Assumptions = [.. mapped.Assumptions, stack.Assumption ?? $"coefficients of {stack.Name}, which is graded assumed"] };

    /// <summary>A GPU without 8-bit products runs the case in 16 bits.</summary>
    private static MappedCase WithFormatNamed(MappedCase mapped) => mapped.Workload.Precision != Precision.Fp8 || mapped.Cluster.Gpu.PeakFp8 is not null
        ? mapped
        : mapped with
        {
            Assumptions = [.. mapped.Assumptions, $"precision is \"{mapped.Run.Precision}\", but {mapped.Cluster.Gpu.Name} has no fp8: costed as bf16"],
        };

    /// <summary>Time and memory are linear in the number of layers that are recomputed.</summary>
    private static StepCost Evaluate(CostModel model, MappedCase mapped)
    {
        var all = PublishedSharding.Cost(model, mapped.Layout);
        return mapped.RecomputeShare >= 1
            ? all
            : StepCostBlend.Between(PublishedSharding.Cost(model, mapped.Layout with { Recompute = Recompute.None }), all, mapped.RecomputeShare);
    }
}
