using System.Globalization;
using System.Net;
using System.Text;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>The few numbers that a reader looks for first.</summary>
internal static class ReportTiles
{
    public static void Append(StringBuilder html, MetricsHistory history)
    {
        html.Append("<section class=\"tiles\">");
        foreach (var (value, label) in Tiles(history))
            html.Append($"<div><b>{value}</b><span>{WebUtility.HtmlEncode(label)}</span></div>");
        html.Append("</section>");
    }

    private static IEnumerable<(string Value, string Label)> Tiles(MetricsHistory history)
    {
        foreach (var name in history.HeldOutNames)
        {
            var metric = Metric.ValidationBitsPerByte(name);
            if (history[metric] is [.., var bits])
                yield return (metric.Show(bits.Value), $"bits per byte, {name}");
        }

        if (history[Metric.TrainLoss] is [.., var loss])
            yield return (Metric.TrainLoss.Show(loss.Value), "final training loss");
        if (history[Metric.TokensSeen] is [.., var tokens])
            yield return (Short(tokens.Value), $"tokens in {Metric.Step.Show(tokens.Step)} steps");
        if (history[Metric.StepSeconds] is { Count: > 0 } times)
            yield return (DurationText.Of(TimeSpan.FromSeconds(times.Sum(t => t.Value))), "spent in training steps");
        if (history[Metric.TokensPerSecond] is { Count: > 0 } rates)
            yield return (Metric.TokensPerSecond.Show(Median(rates)), "tokens per second, median");
        if (history[Metric.TflopsPerGpu] is { Count: > 0 } flops)
            yield return (new FlopsPerSecond(Median(flops) * 1e12).ToString(), "per device, median");
        if (history[Metric.PeakMemoryGib] is [.., var memory])
            yield return ($"{memory.Value.ToString("0.00", CultureInfo.InvariantCulture)} GiB", "peak memory");
    }

    private static double Median(IReadOnlyList<MetricPoint> points) => points.Select(p => p.Value).Order().ElementAt(points.Count / 2);

    private static string Short(double count) => count switch
    {
        >= 1e12 => (count / 1e12).ToString("0.00", CultureInfo.InvariantCulture) + "T",
        >= 1e9 => (count / 1e9).ToString("0.00", CultureInfo.InvariantCulture) + "B",
        >= 1e6 => (count / 1e6).ToString("0.00", CultureInfo.InvariantCulture) + "M",
        _ => count.ToString("#,0", CultureInfo.InvariantCulture),
    };
}
