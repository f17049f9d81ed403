namespace Altiplano.Planning.Backtest;

/// <summary>A measured quantity and what was predicted for it.</summary>
public readonly record struct Comparison(double Measured, Figure Predicted)
{
    /// <summary>Predicted over measured, less 1: above 0 where the prediction is high.</summary>
    public double Error => Predicted.Value / Measured - 1;

    public bool IsCovered => Measured >= Predicted.Low && Measured <= Predicted.High;
}

/// <summary>How far predictions are from measurements; shares, 0.05 being 5 %.</summary>
public sealed record ErrorSummary
{
    public required int Count { get; init; }

    /// <summary>Mean of the absolute errors.</summary>
    public required double Mean { get; init; }

    public required double Median { get; init; }

    /// <summary>The absolute error that 19 in 20 stay within: nearest rank.</summary>
    public required double P95 { get; init; }

    public required double Max { get; init; }

    /// <summary>Mean of the signed errors.</summary>
    public required double Bias { get; init; }

    /// <summary>Spearman's coefficient of predicted and measured values; NaN for fewer than two.</summary>
    public required double RankCorrelation { get; init; }

    /// <summary>Share of the measurements inside the 80 % interval of their prediction.</summary>
    public required double Coverage { get; init; }

    /// <param name="comparisons">At least one.</param>
    public static ErrorSummary Of(IReadOnlyCollection<Comparison> comparisons)
    {
        var errors = comparisons.Select(c => Math.Abs(c.Error)).Order().ToArray();
        return new ErrorSummary
        {
            Count = errors.Length,
            Mean = errors.Average(),
            Median = (errors[(errors.Length - 1) / 2] + errors[errors.Length / 2]) / 2,
            P95 = errors[(int)Math.Ceiling(0.95 * errors.Length) - 1],
            Max = errors[^1],
            Bias = comparisons.Average(c => c.Error),
            RankCorrelation = Spearman([.. comparisons.Select(c => c.Predicted.Value)], [.. comparisons.Select(c => c.Measured)]),
            Coverage = comparisons.Average(c => c.IsCovered ? 1.0 : 0.0),
        };
    }

    /// <summary>Correlation of the ranks; equal values share the mean of their ranks.</summary>
    private static double Spearman(double[] a, double[] b)
    {
        var (x, y) = (Ranks(a), Ranks(b));
        var mean = (a.Length - 1) / 2.0;
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < a.Length; i++)
        {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }

        return xy / Math.Sqrt(xx * yy);
    }

    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Length];
        for (var (first, end) = (0, 0); first < order.Length; first = end)
        {
            while (end < order.Length && values[order[end]] == values[order[first]])
                end++;
            for (var i = first; i < end; i++)
                ranks[order[i]] = (first + end - 1) / 2.0;
        }

        return ranks;
    }
}
