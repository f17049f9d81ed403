using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Backtest;

/// <summary>Errors on each source by coefficients that never saw it: fitted to the other sources of the same stack.</summary>
public static class LeaveOneSourceOut
{
    /// <param name="priorOf">Where the fit of a stack begins: nothing that any of the runs was used for.</param>
    /// <returns>All sources together, then each.</returns>
    public static IReadOnlyList<ErrorRow> Of(IEnumerable<CaseResult> results, Func<GpuSpec, TimeCoefficients> priorOf)
    {
        var timed = results.Select(r => r.Prediction).OfType<CasePrediction>()
            .Where(p => p.Case.MeasuredSeconds is not null && p.Case.Run.IsComplete).ToList();
        var compared = timed.GroupBy(p => p.Stack.Name).SelectMany(stack => OfStack([.. stack], priorOf(stack.First().Case.Cluster.Gpu)))
            .OrderBy(c => c.Source, StringComparer.Ordinal).ToList();
        return compared.Count == 0 ? [] :
        [
            Row("all", compared),
            .. compared.GroupBy(c => c.Source).Select(source => Row($"source {source.Key}", source)),
        ];
    }

    private static IEnumerable<(string Source, Comparison Comparison)> OfStack(List<CasePrediction> stack, TimeCoefficients prior)
    {
        foreach (var source in stack.GroupBy(p => p.Case.Run.Source))
        {
            var others = stack.FindAll(p => p.Case.Run.Source != source.Key).ConvertAll(Point);
            var coefficients = others.Count > 0 ? Calibrator.Fit(others, prior) : prior;
            foreach (var left in source)
                yield return (source.Key, Compare(left, coefficients));
        }
    }

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
