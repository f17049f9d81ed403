using System.Globalization;
using System.Net;
using System.Text;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>One curve of a chart.</summary>
/// <param name="IsMarked">True for few points, each worth a mark; false for a point a step, drawn as a band and its mean.</param>
/// <param name="Colour">Index of its colour in the style sheet; the same curve keeps it in every chart.</param>
internal sealed record ChartLine(ChartSeries Series, Func<double, string> Show, bool IsMarked, int Colour = 0);

/// <summary>Curves over steps as SVG; colours and fonts come from <see cref="ReportStyle"/> by class names.</summary>
/// <param name="Steps">The first and the last step that the axis shows, the same in all charts of a page.</param>
/// <param name="StartsAtZero">True where the height of a curve is a share of something.</param>
internal sealed record SvgChart(
    IReadOnlyList<ChartLine> Lines, (double First, double Last) Steps, int Width, int Height, bool StartsAtZero)
{
    private const int Left = 52, Right = 14, Top = 10, Bottom = 28;

    /// <summary>Columns that tell their numbers when the pointer rests on them.</summary>
    private const int TooltipColumns = 72;

    private int PlotWidth => Width - Left - Right;
    private int PlotHeight => Height - Top - Bottom;

    /// <summary>The chart as an svg element.</summary>
    public string Draw()
    {
        var frame = Frame();
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        DrawGrid(svg, frame);
        foreach (var line in Lines)
            DrawLine(svg, frame, line);
        DrawTooltips(svg, frame);
        return svg.Append("</svg>").ToString();
    }

    private ChartFrame Frame()
    {
        var frame = ChartFrame.Around(Lines.Select(l => l.Series));
        if (Steps.Last > Steps.First)
            frame = frame with { MinX = Steps.First, MaxX = Steps.Last };
        var height = frame.MaxY - frame.MinY;
        return StartsAtZero
            ? frame with { MinY = Math.Min(0, frame.MinY), MaxY = frame.MaxY * 1.06 }
            : frame with { MinY = frame.MinY - height * 0.04, MaxY = frame.MaxY + height * 0.04 };
    }

    private void DrawGrid(StringBuilder svg, ChartFrame frame)
    {
        var rows = AxisTicks.Within(frame.MinY, frame.MaxY, Math.Max(3, PlotHeight / 34));
        foreach (var value in rows.Values)
        {
            var y = N(Y(frame, value));
            svg.Append($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y}\" y2=\"{y}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{Left - 8}\" y=\"{y}\" dy=\"0.32em\" text-anchor=\"end\">{rows.Show(value)}</text>");
        }

        var columns = AxisTicks.Within(frame.MinX, frame.MaxX, Math.Max(3, PlotWidth / 72), leastStep: 1);
        foreach (var value in columns.Values)
        {
            var x = N(X(frame, value));
            svg.Append($"<line class=\"axis\" x1=\"{x}\" x2=\"{x}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom + 4}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{x}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{columns.Show(value)}</text>");
        }

        svg.Append($"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom}\"/>");
    }

    private void DrawLine(StringBuilder svg, ChartFrame frame, ChartLine line)
    {
        var points = line.Series.Points;
        if (!line.IsMarked)
        {
            DrawBand(svg, frame, points, line.Colour);
            points = CurveBuckets.Of(points, PlotWidth / 3).Select(b => new MetricPoint(b.Step, b.Mean)).ToArray();
        }

        svg.Append($"<polyline class=\"line s{line.Colour}\" points=\"{Path(frame, points)}\"/>");
        if (!line.IsMarked)
            return;
        foreach (var point in points)
        {
            var (x, y) = (N(X(frame, point.Step)), N(Y(frame, point.Value)));
            svg.Append($"<circle class=\"mark s{line.Colour}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
        }
    }

    /// <summary>The least and the greatest value of each pixel, faint behind the mean.</summary>
    private void DrawBand(StringBuilder svg, ChartFrame frame, IReadOnlyList<MetricPoint> points, int colour)
    {
        var buckets = CurveBuckets.Of(points, PlotWidth / 3);
        var above = buckets.Select(b => new MetricPoint(b.Step, b.Max));
        var below = buckets.Select(b => new MetricPoint(b.Step, b.Min)).Reverse();
        svg.Append($"<polygon class=\"band s{colour}\" points=\"{Path(frame, above.Concat(below))}\"/>");
    }

    private void DrawTooltips(StringBuilder svg, ChartFrame frame)
    {
        var width = (double)PlotWidth / TooltipColumns;
        var columns = Enumerable.Range(0, TooltipColumns)
            .Select(i => (X: Left + i * width, Step: frame.MinX + (i + 0.5) / TooltipColumns * (frame.MaxX - frame.MinX)));
        foreach (var (x, step) in columns)
        {
            var numbers = Lines.Select(l => $"{l.Series.Name} {l.Show(l.Series.Points.MinBy(p => Math.Abs(p.Step - step)).Value)}");
            var text = $"step {step.ToString("#,0", CultureInfo.InvariantCulture)}\n{string.Join('\n', numbers)}";
            svg.Append($"<rect class=\"hover\" x=\"{N(x)}\" y=\"{Top}\" width=\"{N(width)}\" height=\"{PlotHeight}\">");
            svg.Append($"<title>{WebUtility.HtmlEncode(text)}</title></rect>");
        }
    }

    private string Path(ChartFrame frame, IEnumerable<MetricPoint> points) =>
        string.Join(' ', points.Select(p => $"{N(X(frame, p.Step))},{N(Y(frame, p.Value))}"));

    private double X(ChartFrame frame, double step) => Left + (step - frame.MinX) / (frame.MaxX - frame.MinX) * PlotWidth;

    private double Y(ChartFrame frame, double value) => Top + (frame.MaxY - value) / (frame.MaxY - frame.MinY) * PlotHeight;

    private static string N(double pixels) => pixels.ToString("0.#", CultureInfo.InvariantCulture);
}
