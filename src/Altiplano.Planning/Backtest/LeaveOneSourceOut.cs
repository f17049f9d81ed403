using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Backtest;

/// <summary>Errors on each source by coefficients that never saw it.</summary>
/// <remarks>Fitted to the other sources of the stack; where it has none, to those of the same GPU and precision over another fabric.</remarks>
public static class LeaveOneSourceOut
{
    /// <param name="priorOf">Where the fit of a stack begins: nothing that any of the runs was used for.</param>
    /// <returns>All sources together, then each.</returns>
    public static IReadOnlyList<ErrorRow> Of(IEnumerable<CaseResult> results, Func<GpuSpec, TimeCoefficients> priorOf)
    {
        var timed = results.Select(r => r.Prediction).OfType<CasePrediction>()
            .Where(p => p.Case.MeasuredSeconds is not null && p.Case.Run.IsComplete).ToList();
        var compared = timed.GroupBy(p => (Stack: p.Stack.Name, p.Case.Run.Source)).SelectMany(left => Compare([.. left], timed, priorOf))
            .OrderBy(c => c.Source, StringComparer.Ordinal).ToList();
        return compared.Count == 0 ? [] :
        [
            Row("all", compared),
            .. compared.GroupBy(c => c.Source).Select(source => Row($"source {source.Key}", source)),
        ];
    }

    private static IEnumerable<(string Source, Comparison Comparison)> Compare(
        List<CasePrediction> left, List<CasePrediction> all, Func<GpuSpec, TimeCoefficients> priorOf)
    {
        var (stack, mapped) = (left[0].Stack.Name, left[0].Case);
        var unseen = all.FindAll(p => p.Case.Run.Source != mapped.Run.Source);
        var sameStack = unseen.FindAll(p => p.Stack.Name == stack);
        var others = sameStack.Count > 0 ? sameStack : unseen.FindAll(p => IsAlike(p.Case, mapped));
        var prior = priorOf(mapped.Cluster.Gpu);
        var coefficients = others.Count > 0 ? Calibrator.Fit(others.ConvertAll(Point), prior) : prior;
        return left.Select(p => (p.Case.Run.Source, Compare(p, coefficients)));
    }

    private static bool IsAlike(MappedCase a, MappedCase b) =>
        a.Cluster.Gpu.Name == b.Cluster.Gpu.Name && a.Workload.Precision == b.Workload.Precision;

    private static Comparison Compare(CasePrediction left, TimeCoefficients coefficients)
    {
        var (mapped, stack) = (left.Case, left.Stack with { Time = coefficients });
        var seconds = new TimeModel(mapped.Workload, mapped.Cluster, stack.Time).Evaluate(mapped.Layout).Time.Total;
        return new Comparison(mapped.MeasuredSeconds!.Value, Figure.Around(seconds, stack.RelativeSigma, mapped.Grade));
    }

    private static CalibrationPoint Point(CasePrediction p) => new(
        p.Case.Run.Id, p.Case.Run.Source, p.Case.Workload, p.Case.Cluster, p.Case.Layout, p.Case.MeasuredSeconds!.Value);

    private static ErrorRow Row(string set, IEnumerable<(string Source, Comparison Comparison)> compared) =>
        new(set, ErrorSummary.Of([.. compared.Select(c => c.Comparison)]));
}
