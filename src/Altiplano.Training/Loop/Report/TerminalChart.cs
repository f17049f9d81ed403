using System.Text;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>A metric to draw and what to call it.</summary>
public sealed record ChartSeries(string Name, IReadOnlyList<MetricPoint> Points);

/// <summary>Curves over steps, drawn with letters: lines in braille, held-out points as marks.</summary>
public static class TerminalChart
{
    private const string Marks = "●◆▲■";

    /// <summary>The losses of a run, training as a line and held-out corpora as marks.</summary>
    public static string DrawLosses(MetricsHistory history, int width, int height) => Draw(
        new ChartSeries("training loss", history[Metric.TrainLoss]),
        [.. history.HeldOutNames.Select(name => new ChartSeries(name, history[Metric.ValidationLoss(name)]))],
        width,
        height);

    /// <summary>Draws a chart.</summary>
    /// <param name="line">A curve of many points; each column shows the mean of its points.</param>
    /// <param name="marks">Curves of few points, each point one mark.</param>
    /// <param name="width">Columns of the whole picture, 40 or more.</param>
    /// <param name="height">Rows of the drawing area, without legend and axis.</param>
    /// <returns>Lines, each ended; a sentence where there is nothing to draw.</returns>
    public static string Draw(ChartSeries line, IReadOnlyList<ChartSeries> marks, int width, int height)
    {
        ChartSeries[] drawn = [Finite(line), .. marks.Select(Finite).Where(m => m.Points.Count > 0)];
        if (drawn[0].Points.Count == 0)
            return $"{line.Name}: nothing to draw yet.\n";
        var frame = ChartFrame.Around(drawn);
        var ticks = AxisTicks.Within(frame.MinY, frame.MaxY, Math.Max(2, height / 2));
        var margin = ticks.Values.Select(v => ticks.Show(v).Length).DefaultIfEmpty(0).Max();
        var cells = Cells(drawn, frame, width - margin - 2, height);
        var text = new StringBuilder();
        text.Append(new string(' ', margin + 2)).Append(Legend(drawn)).Append('\n');
        for (var row = 0; row < height; row++)
        {
            var label = ticks.Values.Where(v => frame.Row(v, height) == row).Select(ticks.Show).FirstOrDefault();
            text.Append((label ?? "").PadLeft(margin)).Append(label is null ? " │" : " ┤");
            text.Append(cells[row].AsSpan().TrimEnd()).Append('\n');
        }

        return text.Append(StepAxis(frame, margin, width - margin - 2)).ToString();
    }

    private static string Legend(ChartSeries[] drawn) =>
        string.Join("   ", drawn.Select((series, i) => $"{(i == 0 ? '⠤' : Mark(i))} {series.Name}"));

    private static char Mark(int series) => Marks[(series - 1) % Marks.Length];

    private static char[][] Cells(ChartSeries[] drawn, ChartFrame frame, int columns, int rows)
    {
        var canvas = new BrailleCanvas(columns, rows);
        (int X, int Y)? last = null;
        foreach (var column in drawn[0].Points.GroupBy(p => frame.Column(p.Step, canvas.Width)))
        {
            var (x, y) = (column.Key, frame.Row(column.Average(p => p.Value), canvas.Height));
            canvas.Line(last?.X ?? x, last?.Y ?? y, x, y);
            last = (x, y);
        }

        char[][] cells = [.. Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, columns).Select(c => canvas[r, c]).ToArray())];
        for (var i = 1; i < drawn.Length; i++)
        {
            foreach (var point in drawn[i].Points)
                cells[frame.Row(point.Value, rows)][frame.Column(point.Step, columns)] = Mark(i);
        }

        return cells;
    }

    /// <summary>The line under the drawing, its ticks, and their numbers.</summary>
    private static string StepAxis(ChartFrame frame, int margin, int columns)
    {
        var ticks = AxisTicks.Within(frame.MinX, frame.MaxX, Math.Max(2, columns / 12), leastStep: 1);
        var line = new string('─', columns).ToCharArray();
        var labels = new string(' ', columns + 8).ToCharArray();
        foreach (var value in ticks.Values)
        {
            var (column, label) = (frame.Column(value, columns), ticks.Show(value));
            line[column] = '┴';
            label.CopyTo(labels.AsSpan(Math.Clamp(column - label.Length / 2, 0, columns + 8 - label.Length)));
        }

        var indent = new string(' ', margin + 1);
        return $"{indent}└{new string(line)}\n{indent} {new string(labels).TrimEnd()}\n";
    }

    private static ChartSeries Finite(ChartSeries series) =>
        series with { Points = [.. series.Points.Where(p => double.IsFinite(p.Value)).OrderBy(p => p.Step)] };
}
