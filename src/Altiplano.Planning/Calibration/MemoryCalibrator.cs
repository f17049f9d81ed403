using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>The measured memory of one run.</summary>
/// <param name="Source">Points of one source are correlated; sources count the same.</param>
/// <param name="Peak">Of the fullest GPU.</param>
public sealed record MemoryPoint(string Source, Workload Workload, ClusterSpec Cluster, Layout Layout, Bytes Peak);

/// <summary>Fits what a stack takes of device memory to measured runs.</summary>
/// <remarks>
/// Least squares of log(predicted / measured), each coefficient held inside its range by a logistic curve; what a stack's kernels
/// are (fused, flash) is known and not fitted.
/// </remarks>
public static class MemoryCalibrator
{
    private const int MaxSteps = 200;
    private const double LeastGain = 1e-6;

    private static readonly (double Low, double High, Func<MemoryCoefficients, double> Get, Func<MemoryCoefficients, double, MemoryCoefficients> With)[] Free =
    [
        (0, 12e9, c => c.Framework.Value, (c, v) => c with { Framework = new Bytes((long)v) }),
        (0, 0.4, c => c.Fragmentation, (c, v) => c with { Fragmentation = v }),
        (1.9, 4.1, c => c.GradientBytes, (c, v) => c with { GradientBytes = v }),
        (3, 17, c => c.LogitBytes, (c, v) => c with { LogitBytes = v }),
    ];

    /// <returns>The start where nothing explains the points better.</returns>
    public static MemoryCoefficients Fit(IReadOnlyList<MemoryPoint> points, MemoryCoefficients start)
    {
        var sizes = points.GroupBy(point => point.Source).ToDictionary(source => source.Key, source => source.Count());
        var weights = points.Select(point => 1 / Math.Sqrt(sizes[point.Source])).ToArray();
        var fitted = At(start, LeastSquares.Minimize(Residuals, [.. Free.Select(c => Unbounded(c.Get(start), c.Low, c.High))], points.Count, MaxSteps));
        return Error(points, fitted) < Error(points, start) - LeastGain ? fitted : start;

        void Residuals(double[] at, double[] residuals)
        {
            var coefficients = At(start, at);
            for (var i = 0; i < points.Count; i++)
                residuals[i] = weights[i] * LogError(points[i], coefficients);
        }
    }

    /// <summary>Mean of |log(predicted / measured)|, every source counting the same: 0.05 is about 5 %.</summary>
    public static double Error(IReadOnlyList<MemoryPoint> points, MemoryCoefficients coefficients) =>
        points.GroupBy(point => point.Source).Average(source => source.Average(point => Math.Abs(LogError(point, coefficients))));

    /// <summary>log(predicted / measured).</summary>
    public static double LogError(MemoryPoint point, MemoryCoefficients coefficients)
    {
        new MemoryModel(point.Workload, point.Cluster, coefficients).FullestStage(point.Layout, out var memory);
        return Math.Log(memory.Total / point.Peak.Value);
    }

    private static MemoryCoefficients At(MemoryCoefficients start, double[] at) =>
        Free.Zip(at).Aggregate(start, (c, free) => free.First.With(c, free.First.Low + (free.First.High - free.First.Low) / (1 + Math.Exp(-free.Second))));

    private static double Unbounded(double value, double low, double high)
    {
        var share = Math.Clamp((value - low) / (high - low), 0.02, 0.98);
        return Math.Log(share / (1 - share));
    }
}
