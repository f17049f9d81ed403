namespace Altiplano.Planning.Machines;

/// <summary>A measured call of an operator or collective.</summary>
/// <param name="Weight">How much of a step such calls are: what an error of this call costs the step's prediction.</param>
public readonly record struct CostSample(double Flops, double Bytes, double Seconds, double Weight);

/// <summary>Fits affine costs to measured calls: the least squares of weighted relative errors, no coefficient below 0.</summary>
public static class CostFit
{
    private const double MicrosecondsPerSecond = 1e6;
    private const double MillisecondsPerSecondAndBillion = 1e12;
    private const int MaxSweeps = 20_000;

    /// <summary>Shorter than a clock's tick: a time of 0 is one.</summary>
    private const double ShortestSeconds = 1e-9;

    private const double Settled = 1e-12;

    /// <remarks>Of elementwise operators the bytes alone tell the time: their operations are a multiple of them.</remarks>
    public static OperatorCost Operator(string name, IReadOnlyList<CostSample> samples)
    {
        var x = Fit(samples, withFlops: StepParts.OfOperator(name) is StepParts.Matrices or StepParts.Attention);
        return new OperatorCost(
            name, Rounded(x[0] * MicrosecondsPerSecond), Rounded(x[1] * MillisecondsPerSecondAndBillion), Rounded(x[2] * MillisecondsPerSecondAndBillion));
    }

    public static CollectiveCost Collective(string name, IReadOnlyList<CostSample> samples)
    {
        var x = Fit(samples, withFlops: false);
        return new CollectiveCost(name, Rounded(x[0] * MicrosecondsPerSecond), Rounded(x[2] * MillisecondsPerSecondAndBillion));
    }

    /// <summary>Constant and slope of y over x, neither below 0.</summary>
    public static (double Constant, double Slope) Line(IEnumerable<(double X, double Y)> points)
    {
        var x = Fit([.. points.Select(p => new CostSample(p.X, 0, p.Y, 1))], withFlops: true);
        return (x[0], x[1]);
    }

    /// <summary>Four digits: more than a measurement has.</summary>
    private static double Rounded(double value) =>
        double.Parse(value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>Seconds a call, an operation and a byte.</returns>
    private static double[] Fit(IReadOnlyList<CostSample> samples, bool withFlops)
    {
        var scale = new[] { 1.0, Largest(samples, s => s.Flops), Largest(samples, s => s.Bytes) };
        var rows = samples.Select(s => Row(s, scale, withFlops)).ToList();
        var x = Descend(rows, [.. samples.Select(s => Math.Sqrt(s.Weight))]);
        return [.. x.Select((value, i) => value / scale[i])];
    }

    private static double Largest(IReadOnlyList<CostSample> samples, Func<CostSample, double> of) =>
        samples.Max(of) is var most && most > 0 ? most : 1;

    /// <summary>What one unit of each coefficient adds to the sample's relative time, times the root of its weight.</summary>
    private static double[] Row(in CostSample sample, double[] scale, bool withFlops)
    {
        var weight = Math.Sqrt(sample.Weight) / Math.Max(ShortestSeconds, sample.Seconds);
        return [weight, withFlops ? weight * sample.Flops / scale[1] : 0, weight * sample.Bytes / scale[2]];
    }

    /// <summary>Coordinate descent on |A x - b|² over x of 0 or more: convex, so it ends at the optimum.</summary>
    private static double[] Descend(List<double[]> rows, double[] target)
    {
        var x = new double[rows[0].Length];
        var residual = target.ToArray();
        for (var sweep = 0; sweep < MaxSweeps; sweep++)
        {
            var moved = 0.0;
            for (var j = 0; j < x.Length; j++)
                moved = Math.Max(moved, Step(rows, residual, x, j));
            if (moved < Settled)
                break;
        }

        return x;
    }

    /// <returns>How far the coefficient moved, over what it became.</returns>
    private static double Step(List<double[]> rows, double[] residual, double[] x, int j)
    {
        var (slope, curvature) = (0.0, 0.0);
        for (var i = 0; i < residual.Length; i++)
        {
            slope += rows[i][j] * residual[i];
            curvature += rows[i][j] * rows[i][j];
        }

        if (curvature == 0)
            return 0;
        var next = Math.Max(0, x[j] + slope / curvature);
        var change = next - x[j];
        x[j] = next;
        for (var i = 0; i < residual.Length; i++)
            residual[i] -= change * rows[i][j];
        return next == 0 ? 0 : Math.Abs(change) / next;
    }
}
