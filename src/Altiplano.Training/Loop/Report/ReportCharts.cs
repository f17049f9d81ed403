using System.Net;
using System.Text;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>The charts of a report: the losses across the page, the rest side by side.</summary>
internal static class ReportCharts
{
    private const int HeldColours = 4;

    public static void Append(StringBuilder html, MetricsHistory history)
    {
        html.Append("<section class=\"charts\">");
        html.Append(Figure(history, "Loss", Metric.TrainLoss.Unit, Losses(history), isWide: true, startsAtZero: false));
        foreach (var pair in SideBySide(history).Where(figure => figure.Length > 0).Chunk(2))
        {
            html.Append(pair[0]);
            html.Append(pair.Length == 2 ? pair[1] : Figure(history, "Step time", Metric.StepSeconds));
        }

        html.Append("</section>");
    }

    private static IEnumerable<string> SideBySide(MetricsHistory history) =>
    [
        Figure(history, "Bits per byte, held out", "", [.. Held(history, Metric.ValidationBitsPerByte)], false, startsAtZero: false),
        Figure(history, "Learning rate", Metric.Lr),
        Figure(history, "Gradient norm", Metric.GradNorm),
        Figure(history, "Tokens per second", Metric.TokensPerSecond),
        Figure(history, "Peak memory", Metric.PeakMemoryGib),
        Figure(history, "Model FLOP/s utilisation", "% of the peak", [UtilisationInPercent(history)], false, startsAtZero: true),
        Figure(history, "Power", Metric.PowerW),
    ];

    private static string Figure(MetricsHistory history, string title, Metric metric) =>
        Figure(history, title, metric.Unit, [Line(history, metric, title, isMarked: false)], isWide: false, startsAtZero: true);

    private static ChartLine[] Losses(MetricsHistory history) =>
        [Line(history, Metric.TrainLoss, "training", isMarked: false), .. Held(history, Metric.ValidationLoss)];

    private static IEnumerable<ChartLine> Held(MetricsHistory history, Func<string, Metric> metricOf) => history.HeldOutNames
        .Select((name, i) => Line(history, metricOf(name), name, isMarked: true) with { Colour = 1 + i % HeldColours });

    private static ChartLine UtilisationInPercent(MetricsHistory history) => new(
        new ChartSeries("MFU", [.. history[Metric.Mfu].Select(p => p with { Value = 100 * p.Value })]),
        percent => Metric.Mfu.Show(percent / 100),
        IsMarked: false);

    private static ChartLine Line(MetricsHistory history, Metric metric, string name, bool isMarked) =>
        new(new ChartSeries(name, history[metric]), metric.Show, isMarked);

    /// <summary>A chart under its title; nothing where the run has no such numbers.</summary>
    private static string Figure(
        MetricsHistory history, string title, string unit, ChartLine[] lines, bool isWide, bool startsAtZero)
    {
        lines = [.. lines.Where(l => l.Series.Points.Count > 0)];
        if (lines.Length == 0)
            return "";
        var steps = history[Metric.Step];
        var (width, height) = isWide ? (1080, 360) : (524, 210);
        var chart = new SvgChart(lines, (steps[0].Step, steps[^1].Step), width, height, startsAtZero);
        var html = new StringBuilder($"<figure{(isWide ? " class=\"wide\"" : "")}><figcaption><b>{title}</b>");
        html.Append($"<span class=\"unit\">{unit}</span><span class=\"legend\">");
        foreach (var line in lines)
            AppendLegend(html, line, isNamed: lines.Length > 1);
        return html.Append("</span></figcaption>").Append(chart.Draw()).Append("</figure>").ToString();
    }

    /// <summary>The last value of a curve, behind its colour and, where there are several curves, its name.</summary>
    private static void AppendLegend(StringBuilder html, ChartLine line, bool isNamed)
    {
        var name = isNamed ? $"<i class=\"key s{line.Colour}\"></i>{WebUtility.HtmlEncode(line.Series.Name)} " : "last ";
        html.Append($"<span>{name}<em>{line.Show(line.Series.Points[^1].Value)}</em></span>");
    }
}
