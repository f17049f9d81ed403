using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Calibration;

/// <summary>Fits time coefficients to measured steps: robust, held to what was believed before.</summary>
/// <remarks>
/// Minimises the squares of log(predicted / measured), each with the weight of its source, plus the squares of what the
/// coefficients depart from the prior. Errors beyond a few percent count less and less (iteratively reweighted, Cauchy).
/// </remarks>
public static class Calibrator
{
    /// <summary>Errors of this size are noise of a measurement and of what no formula holds.</summary>
    private const double ErrorScale = 0.05;

    /// <summary>The measured points of a stack count this many times over, against what was believed before.</summary>
    private const double StackWeight = 4;

    private const double SmallestSigma = 0.03;
    private const double NinetyPercentQuantile = 1.2815515655446004;
    private const int Reweightings = 5;
    private const int StepsPerReweighting = 10;

    /// <param name="prior">Where the fit begins and what it returns where the points say nothing.</param>
    /// <param name="dataWeight">How many times over the points count against the prior.</param>
    /// <remarks>Coefficients of which no point can say anything stay as the prior has them.</remarks>
    public static TimeCoefficients Fit(
        IReadOnlyList<CalibrationPoint> points, TimeCoefficients prior, double dataWeight = StackWeight)
    {
        var free = FittedCoefficient.All.Where(c => c.IsFound(points)).ToArray();
        var start = free.Select(c => c.ToUnbounded(c.Get(prior))).ToArray();
        var weights = SourceWeights(points, dataWeight);
        var robust = Enumerable.Repeat(1.0, points.Count).ToArray();
        var current = start;
        for (var round = 0; round < Reweightings; round++)
        {
            current = LeastSquares.Minimize(
                (x, r) => Residuals(points, prior, free, start, weights, robust, x, r), current, points.Count + free.Length,
                StepsPerReweighting);
            var coefficients = At(prior, free, current);
            for (var i = 0; i < points.Count; i++)
                robust[i] = 1 / (1 + Math.Pow(LogError(points[i], coefficients) / (2 * ErrorScale), 2));
        }

        return At(prior, free, current);
    }

    /// <summary>log(predicted / measured): 0.05 is about 5 % too slow.</summary>
    public static double LogError(CalibrationPoint point, TimeCoefficients coefficients) =>
        Math.Log(new TimeModel(point.Workload, point.Cluster, coefficients).Evaluate(point.Layout).Time.Total / point.StepSeconds);

    /// <summary>The sigma whose 80 % interval holds 80 % of the points, each with the weight of its source.</summary>
    public static double RelativeSigma(IReadOnlyList<CalibrationPoint> points, TimeCoefficients coefficients)
    {
        var weights = SourceWeights(points, 1);
        var errors = points.Select((p, i) => (Error: Math.Abs(LogError(p, coefficients)), Weight: weights[i])).OrderBy(e => e.Error).ToList();
        var rest = 0.8 * errors.Sum(e => e.Weight);
        foreach (var (error, weight) in errors)
        {
            rest -= weight;
            if (rest <= 0)
                return Math.Max(SmallestSigma, error / NinetyPercentQuantile);
        }

        return SmallestSigma;
    }

    /// <summary>A source of n points counts like the square root of n independent ones, since it is one cluster and one software stack.</summary>
    private static double[] SourceWeights(IReadOnlyList<CalibrationPoint> points, double dataWeight)
    {
        var totals = points.GroupBy(p => p.Source).ToDictionary(g => g.Key, g => (Count: g.Count(), Sum: g.Sum(p => p.Weight)));
        return [.. points.Select(p => p.Weight / totals[p.Source].Sum * dataWeight * Math.Sqrt(totals[p.Source].Count))];
    }

    private static void Residuals(
        IReadOnlyList<CalibrationPoint> points, TimeCoefficients prior, FittedCoefficient[] free, double[] start, double[] weights,
        double[] robust, double[] x, double[] residuals)
    {
        var coefficients = At(prior, free, x);
        for (var i = 0; i < points.Count; i++)
            residuals[i] = Math.Sqrt(weights[i] * robust[i]) * LogError(points[i], coefficients) / ErrorScale;
        for (var i = 0; i < free.Length; i++)
            residuals[points.Count + i] = (x[i] - start[i]) / free[i].PriorSigma;
    }

    private static TimeCoefficients At(TimeCoefficients prior, FittedCoefficient[] free, double[] x)
    {
        var result = prior;
        for (var i = 0; i < free.Length; i++)
            result = free[i].With(result, free[i].FromUnbounded(x[i]));
        return result;
    }
}
