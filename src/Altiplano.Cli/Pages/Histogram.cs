using System.Globalization;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Pages;

/// <summary>How often values fall into each of some ranges of the same width.</summary>
internal static class Histogram
{
    private const int Width = 530, Height = 250, MostBars = 30;

    /// <param name="values">At least one.</param>
    /// <param name="unit">What they count.</param>
    public static string Draw(IReadOnlyCollection<double> values, string unit, string colour)
    {
        var (least, most) = (values.Min(), values.Max());
        var slack = most > least ? 0 : Math.Max(1e-6, Math.Abs(most) * 0.01);
        var counts = Count(values, least - slack, most + slack, Math.Clamp((int)Math.Sqrt(values.Count), 1, MostBars));
        var frame = new PlotFrame(least - slack, most + slack, 0, counts.Max() * 1.1, Width, Height);
        var svg = Svg.Begin(Width, Height, $"histogram of {unit}");
        frame.Rows(svg, 5, count => count == Math.Floor(count) ? count.ToString("N0", CultureInfo.InvariantCulture) : "").Columns(svg, frame.RoundColumns(7), unit);
        var width = frame.PlotWidth / counts.Length;
        for (var i = 0; i < counts.Length; i++)
        {
            var (from, to) = (frame.MinX + i * (frame.MaxX - frame.MinX) / counts.Length, frame.MinX + (i + 1) * (frame.MaxX - frame.MinX) / counts.Length);
            var tip = string.Create(CultureInfo.InvariantCulture, $"{counts[i]:N0} runs from {from:0.##} to {to:0.##} {unit}");
            svg.Box($"column {colour}", frame.Left + i * width + 1, frame.Y(counts[i]), width - 2, frame.PlotBottom - frame.Y(counts[i]), tip);
        }

        return Svg.End(svg);
    }

    private static int[] Count(IEnumerable<double> values, double least, double most, int bars)
    {
        var counts = new int[bars];
        foreach (var value in values)
            counts[Math.Min(bars - 1, (int)((value - least) / (most - least) * bars))]++;
        return counts;
    }
}
