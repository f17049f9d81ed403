using System.Net;
using System.Text;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>The charts of a report: the losses across the page, the rest side by side.</summary>
internal static class ReportCharts
{
    private const string LossSuffix = "/loss";
    private const string BpbSuffix = "/bpb";
    private const int HeldColours = 4;

    public static void Append(StringBuilder html, MetricsHistory history)
    {
        html.Append("<section class=\"charts\">");
        Append(html, "Loss", "nats a token", Losses(history), isWide: true, startsAtZero: false);
        Append(html, "Bits per byte, held out", "", Held(history, BpbSuffix, Metric.ValidationBitsPerByte), false, startsAtZero: false);
        foreach (var (title, metric) in new[]
        {
            ("Learning rate", Metric.Lr), ("Gradient norm", Metric.GradNorm), ("Tokens per second", Metric.TokensPerSecond),
            ("Peak memory", Metric.PeakMemoryGib), ("Power", Metric.PowerW),
        })
        {
            Append(html, title, UnitOf(metric), [Line(history, metric, title, isMarked: false)], false, startsAtZero: true);
        }

        Append(html, "Model FLOP/s utilisation", "% of the peak", [UtilisationInPercent(history)], false, startsAtZero: true);

        html.Append("</section>");
    }

    private static string UnitOf(Metric metric) =>
        metric == Metric.PeakMemoryGib ? "GiB" : metric == Metric.PowerW ? "W" : metric == Metric.GradNorm ? "before clipping" : "";

    private static ChartLine[] Losses(MetricsHistory history) =>
        [Line(history, Metric.TrainLoss, "training", isMarked: false), .. Held(history, LossSuffix, Metric.ValidationLoss)];

    private static ChartLine[] Held(MetricsHistory history, string suffix, Func<string, Metric> metricOf)
    {
        var names = history.Keys
            .Where(key => key.EndsWith(suffix, StringComparison.Ordinal) && key != Metric.TrainLoss.Key)
            .Select(key => key[..^suffix.Length]);
        return [.. names.Select((name, i) => Line(history, metricOf(name), name, isMarked: true) with { Colour = 1 + i % HeldColours })];
    }

    private static ChartLine UtilisationInPercent(MetricsHistory history) => new(
        new ChartSeries("MFU", [.. history[Metric.Mfu].Select(p => p with { Value = 100 * p.Value })]),
        percent => Metric.Mfu.Show(percent / 100),
        IsMarked: false);

    private static ChartLine Line(MetricsHistory history, Metric metric, string name, bool isMarked) =>
        new(new ChartSeries(name, history[metric]), metric.Show, isMarked);

    private static void Append(
        StringBuilder html, string title, string unit, ChartLine[] lines, bool isWide, bool startsAtZero)
    {
        lines = [.. lines.Where(l => l.Series.Points.Count > 0)];
        if (lines.Length == 0)
            return;
        var chart = new SvgChart(lines, isWide ? 1080 : 524, isWide ? 360 : 210, startsAtZero);
        html.Append($"<figure{(isWide ? " class=\"wide\"" : "")}><figcaption><b>{title}</b><span class=\"unit\">{unit}</span>");
        html.Append("<span class=\"legend\">");
        foreach (var line in lines)
            AppendLegend(html, line, isNamed: lines.Length > 1);
        html.Append("</span></figcaption>").Append(chart.Draw()).Append("</figure>");
    }

    /// <summary>The last value of a curve, behind its colour and, where there are several curves, its name.</summary>
    private static void AppendLegend(StringBuilder html, ChartLine line, bool isNamed)
    {
        var name = isNamed ? $"<i class=\"key s{line.Colour}\"></i>{WebUtility.HtmlEncode(line.Series.Name)} " : "last ";
        html.Append($"<span>{name}<em>{line.Show(line.Series.Points[^1].Value)}</em></span>");
    }
}
