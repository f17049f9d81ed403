using Altiplano.Planning.Search;

namespace Altiplano.Planning.Backtest;

/// <summary>Errors of step time and memory over a set of runs and its natural parts.</summary>
/// <param name="Time">Step time of each set: all, recommended, then by GPU, source and precision.</param>
/// <param name="Naive">The same sets by the naive baseline.</param>
/// <param name="Memory">Memory of the runs that published it: all, then by source; empty where none did.</param>
/// <param name="Rates">Runs of which only a rate was printed.</param>
public sealed record ErrorTable(
    IReadOnlyList<ErrorRow> Time, IReadOnlyList<ErrorRow> Naive, IReadOnlyList<ErrorRow> Memory, MemoryAnswers Answers, LayoutRegret Regret,
    IReadOnlyList<RateRow> Rates)
{
    public static ErrorTable Of(IEnumerable<CaseResult> results)
    {
        var predictions = results.Select(r => r.Prediction).OfType<CasePrediction>().ToList();
        var timed = predictions.Where(p => p.Case.MeasuredSeconds is not null).ToList();
        var naive = NaiveBaseline.Fit(timed);
        return new ErrorTable(
            [.. Rows(Sets(timed), p => new Comparison(p.Case.MeasuredSeconds!.Value, p.StepSeconds))],
            [.. Rows(Sets(timed), p => new Comparison(p.Case.MeasuredSeconds!.Value, naive.Predict(p)))],
            [.. Rows(MemorySets(predictions), CompareMemory)],
            MemoryAnswers.Of(predictions),
            LayoutRegret.Of(timed),
            [.. RateRow.Of(predictions)]);
    }

    private static IEnumerable<ErrorRow> Rows(IEnumerable<(string Name, List<CasePrediction> Set)> sets, Func<CasePrediction, Comparison> compare) =>
        sets.Where(s => s.Set.Count > 0).Select(s => new ErrorRow(s.Name, ErrorSummary.Of([.. s.Set.Select(compare)])));

    private static IEnumerable<(string Name, List<CasePrediction> Set)> Sets(List<CasePrediction> all) =>
    [
        ("all", all),
        ("recommended", all.FindAll(p => p.Case.Run.IsRecommended)),
        .. By("gpu", all, p => p.Case.Cluster.Gpu.Name),
        .. By("source", all, p => p.Case.Run.Source),
        .. By("precision", all, p => p.Case.Workload.Precision.ToString().ToLowerInvariant()),
    ];

    private static IEnumerable<(string Name, List<CasePrediction> Set)> MemorySets(List<CasePrediction> predictions)
    {
        var all = predictions.FindAll(p => p.Case.Run.Measured.MemoryGib is not null);
        return [("all", all), ("recommended", all.FindAll(p => p.Case.Run.IsRecommended)), .. By("source", all, p => p.Case.Run.Source)];
    }

    private static IEnumerable<(string Name, List<CasePrediction> Set)> By(string what, List<CasePrediction> all, Func<CasePrediction, string> key) =>
        all.GroupBy(key).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => ($"{what} {group.Key}", group.ToList()));

    /// <summary>Memory has no interval: its coverage counts what is within a tenth.</summary>
    private static Comparison CompareMemory(CasePrediction p)
    {
        const double tolerance = 0.1;
        var predicted = p.MemoryGib;
        return new Comparison(
            p.Case.Run.Measured.MemoryGib!.Value,
            new Figure(predicted, predicted / (1 + tolerance), predicted * (1 + tolerance), p.Case.Grade));
    }
}

/// <param name="Set">What the runs have in common.</param>
public sealed record ErrorRow(string Set, ErrorSummary Errors);

/// <summary>Whether the answer to "does it fit?" was right.</summary>
/// <param name="Ran">Runs that ran.</param>
/// <param name="WithinUncertainty">Those of them that were said to fit within the uncertainty.</param>
/// <param name="RefusedThoughRan">Those of them that were said not to fit.</param>
/// <param name="OutOfMemory">Runs that ran out of memory.</param>
/// <param name="FittedThoughOutOfMemory">Those of them that were said to fit, without reserve.</param>
public sealed record MemoryAnswers(int Ran, int WithinUncertainty, int RefusedThoughRan, int OutOfMemory, int FittedThoughOutOfMemory)
{
    public static MemoryAnswers Of(IReadOnlyCollection<CasePrediction> predictions)
    {
        var failed = predictions.Where(p => p.Case.Run.Measured.IsOutOfMemory).ToList();
        var ran = predictions.Where(p => !p.Case.Run.Measured.IsOutOfMemory && p.Case.MeasuredSeconds is not null).ToList();
        return new MemoryAnswers(
            ran.Count, ran.Count(p => p.Memory == MemoryVerdict.WithinUncertainty), ran.Count(p => !p.FitsInMemory), failed.Count,
            failed.Count(p => p.Memory == MemoryVerdict.Fits));
    }
}
