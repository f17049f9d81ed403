using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>What neighbouring points of a curve have in common where there are more of them than pixels.</summary>
internal readonly record struct CurveBucket(double Step, double Min, double Mean, double Max);

/// <summary>Cuts a curve into equally many steps a bucket.</summary>
internal static class CurveBuckets
{
    /// <summary>At most <paramref name="atMost"/> buckets, by rising step; empty ones are left out.</summary>
    public static IReadOnlyList<CurveBucket> Of(IReadOnlyList<MetricPoint> points, int atMost)
    {
        if (points.Count <= atMost)
            return [.. points.Select(p => new CurveBucket(p.Step, p.Value, p.Value, p.Value))];
        var (first, last) = (points[0].Step, points[^1].Step);
        return
        [
            .. from point in points
               group point by Math.Min(atMost - 1, (int)((point.Step - first) / (last - first) * atMost)) into bucket
               select new CurveBucket(
                   bucket.Average(p => p.Step), bucket.Min(p => p.Value), bucket.Average(p => p.Value), bucket.Max(p => p.Value)),
        ];
    }
}
