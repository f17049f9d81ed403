using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Backtest;

/// <summary>Errors on runs by coefficients that never saw them: parts of the runs are left out in turn, and predicted from the rest.</summary>
/// <remarks>
/// Coefficients are fitted as those that ship: medians of the generation's sources, then the runs of the stack. Where no run of a stack
/// is left, the medians stand for it.
/// </remarks>
public static class HeldOut
{
    /// <summary>Each source in turn.</summary>
    /// <returns>All sources together, then each.</returns>
    public static IReadOnlyList<ErrorRow> Sources(IEnumerable<CaseResult> results)
    {
        var timed = Timed(results);
        return Rows(timed, Predict(timed, p => p.Case.Run.Source), p => $"source {p.Case.Run.Source}");
    }

    /// <summary>Either half of the runs in turn, split by a hash of their ids.</summary>
    /// <returns>All runs together, then each GPU.</returns>
    public static IReadOnlyList<ErrorRow> Halves(IEnumerable<CaseResult> results)
    {
        var timed = Timed(results);
        return Rows(timed, Predict(timed, p => HalfOf(p.Case.Run.Id)), p => $"gpu {p.Case.Cluster.Gpu.Name}");
    }

    private static List<CasePrediction> Timed(IEnumerable<CaseResult> results) =>
        [.. results.Select(r => r.Prediction).OfType<CasePrediction>().Where(p => p.Case.MeasuredSeconds is not null && p.Case.Run.IsComplete)];

    private static Dictionary<CasePrediction, Comparison> Predict(List<CasePrediction> all, Func<CasePrediction, string> part)
    {
        var compared = new Dictionary<CasePrediction, Comparison>(ReferenceEqualityComparer.Instance);
        foreach (var left in all.GroupBy(part))
        {
            var seen = all.FindAll(p => part(p) != left.Key);
            foreach (var stack in left.GroupBy(p => p.Stack.Name))
            {
                var time = Fit(seen, stack.First());
                foreach (var prediction in stack)
                    compared[prediction] = Compare(prediction, prediction.Stack with { Time = time });
            }
        }

        return compared;
    }

    private static TimeCoefficients Fit(List<CasePrediction> seen, CasePrediction left)
    {
        var prior = FamilyPrior.Of(Points(seen), left.Case.Cluster.Gpu, left.Case.Workload.Precision);
        var stack = Points(seen.FindAll(p => p.Stack.Name == left.Stack.Name));
        return stack.Count == 0 ? prior : Calibrator.Fit(stack, prior);
    }

    private static List<CalibrationPoint> Points(List<CasePrediction> predictions) =>
        [.. predictions.Select(p => CalibrationSet.Point(p.Case)).OfType<CalibrationPoint>()];

    private static Comparison Compare(CasePrediction left, StackCoefficients stack)
    {
        var mapped = left.Case;
        var seconds = new TimeModel(mapped.Workload, mapped.Cluster, stack.Time).Evaluate(PublishedSharding.Timed(mapped.Layout)).Time.Total;
        return new Comparison(mapped.MeasuredSeconds!.Value, Figure.Around(seconds, stack.RelativeSigma, mapped.Grade));
    }

    private static IReadOnlyList<ErrorRow> Rows(
        List<CasePrediction> all, Dictionary<CasePrediction, Comparison> compared, Func<CasePrediction, string> set) => all.Count == 0 ? [] :
    [
        new("all", ErrorSummary.Of([.. all.Select(p => compared[p])])),
        .. all.GroupBy(set).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new ErrorRow(g.Key, ErrorSummary.Of([.. g.Select(p => compared[p])]))),
    ];

    /// <summary>FNV-1a: the same on every machine.</summary>
    private static string HalfOf(string id)
    {
        var hash = 2166136261u;
        foreach (var letter in id)
            hash = unchecked((hash ^ letter) * 16777619);
        return (hash >> 7 & 1) == 0 ? "one" : "other";
    }
}

/// <summary>What <see cref="HeldOut"/> found.</summary>
/// <param name="Sources">Each source by the coefficients of the others.</param>
/// <param name="Halves">Each half of the runs by the coefficients of the other.</param>
public sealed record HeldOutErrors(IReadOnlyList<ErrorRow> Sources, IReadOnlyList<ErrorRow> Halves);
