namespace Altiplano.Training.Loop.Report;

/// <summary>The ranges that a chart shows; neither is empty.</summary>
internal sealed record ChartFrame(double MinX, double MaxX, double MinY, double MaxY)
{
    /// <summary>The smallest frame around every point, widened where all points agree.</summary>
    public static ChartFrame Around(IEnumerable<ChartSeries> series)
    {
        var points = series.SelectMany(s => s.Points).ToArray();
        var (minX, maxX) = Widened(points.Min(p => p.Step), points.Max(p => p.Step));
        var (minY, maxY) = Widened(points.Min(p => p.Value), points.Max(p => p.Value));
        return new ChartFrame(minX, maxX, minY, maxY);
    }

    /// <summary>The column, from the left, of <paramref name="columns"/>.</summary>
    public int Column(double x, int columns) => Cell((x - MinX) / (MaxX - MinX), columns);

    /// <summary>The row, from the top, of <paramref name="rows"/>.</summary>
    public int Row(double y, int rows) => Cell((MaxY - y) / (MaxY - MinY), rows);

    private static int Cell(double share, int count) => (int)Math.Round(Math.Clamp(share, 0, 1) * (count - 1));

    private static (double Min, double Max) Widened(double min, double max)
    {
        var slack = max > min ? 0 : Math.Max(Math.Abs(min) * 0.1, 1e-9);
        return (min - slack, max + slack);
    }
}
