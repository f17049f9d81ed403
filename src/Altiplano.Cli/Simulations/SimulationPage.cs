using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Cli.Plans;
using Altiplano.Cli.Plans.Page;
using Altiplano.Cli.Verbs;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Simulations;

/// <summary>Many seeds of a run as one page: <c>simulate --html</c>.</summary>
internal static class SimulationPage
{
    public static string Of(SimulationQuestion question, SimulationResult result)
    {
        var spec = result.Spec;
        var name = question.Plan is { } plan ? $"{plan.Request.Model.Name} on {spec.Scale.Gpus:N0} {plan.Request.Cluster.Gpu.Name}" : $"A run on {spec.Scale.Gpus:N0} GPUs";
        var html = HtmlPage.Begin(name, $"{result.Runs.Length:N0} simulated runs · {spec.Servers:N0} servers and {spec.Spares:N0} spares · failures {spec.Rates.Name} · recovery {spec.Policy.Name}", PlanStyle.Css);
        if (question.Plan is { } found)
            html.Append($"<p class=\"lead\"><code>{HtmlPage.Escape(LayoutText.Of(found.Main.Winner.Layout))}</code></p>");
        AppendTiles(html, result);
        html.Append("<section class=\"charts\">")
            .Figure("Length of the runs", "runs by days", Histogram.Draw([.. result.Runs.Select(r => r.Wall.Days)], "days", "c-blue"))
            .Figure("Effective training time", "runs by % of the time", Histogram.Draw([.. result.Runs.Select(r => 100 * r.EffectiveTime)], "%", "c-green"))
            .Figure($"First {PowerTraceChart.Days} days of one run", $"{PowerTraceChart.Unit(spec)} of IT, cooling apart", PowerTraceChart.Draw(spec), PowerTraceChart.Legend);
        html.Append("<div class=\"card\" style=\"margin:0\">");
        AppendLosses(html, result.Expected);
        html.Append("</div></section>");
        AppendFailures(html, result);
        return HtmlPage.End(html);
    }

    private static void AppendTiles(StringBuilder html, SimulationResult result)
    {
        html.Append("<section class=\"tiles\">");
        Tile(result.Days, 1, "0.0", " days", "from the first step to the last");
        Tile(result.EffectiveTime, 100, "0.0", " %", "of the time trains for good");
        Tile(result.Failures, 1, "N0", "", $"failures, one every {result.MeanTimeBetweenFailures.ToShortString()}");
        Tile(result.LostWorkHours, 1, "0.0", " h", "of work lost");
        Tile(result.RecoveryHours, 1, "0.0", " h", "of recovery");
        Tile(result.SavingHours, 1, "0.0", " h", $"of checkpoints, one every {result.Spec.Interval.ToShortString()}");
        Tile(result.WaitingHours, 1, "0.0", " h", "without a spare");
        Tile(result.EnergyMwh, 1, result.EnergyMwh.P50 >= 100 ? "N0" : "0.00", " MWh", "of energy, cooling apart");
        html.Append("</section>");

        void Tile(Distribution figure, double scale, string format, string unit, string what) => html
            .Append($"<div><b>{PlanHtml.F(figure.P50 * scale, format)}{unit}</b><span>{HtmlPage.Escape(what)}</span>")
            .Append($"<small>{PlanHtml.F(figure.P10 * scale, format)} to {PlanHtml.F(figure.P90 * scale, format)}{unit} in eight runs of ten</small></div>");
    }

    private static void AppendLosses(StringBuilder html, GoodputShares shares)
    {
        html.BeginTable("where the time goes, closed form", "share", PlanHtml.Bars);
        foreach (var (name, share) in shares.Losses().Where(l => l.Share > 0).Prepend(("training", shares.Training)))
            AppendRow(html, name, PlanWords.Percent(share), share, PartColours.Of(name));
        html.EndTable();
    }

    private static void AppendFailures(StringBuilder html, SimulationResult result)
    {
        var components = result.FailuresByComponent.OrderByDescending(f => f.Count.Mean).ToArray();
        var most = Math.Max(1e-9, components.Max(f => f.Count.Mean));
        html.Heading("Failures by component", "mean of a run").Append("<div class=\"card\">").BeginTable("component", "failures", PlanHtml.Bars);
        foreach (var (component, count) in components)
            AppendRow(html, FailureRates.Word(component).Replace('_', ' '), PlanHtml.F(count.Mean, "N1"), count.Mean / most, "c-rust");
        html.EndTable().Append("</div>");
    }

    private static void AppendRow(StringBuilder html, string name, string value, double share, string colour)
    {
        html.Append($"<tr><td><i class=\"swatch {colour}\"></i>{HtmlPage.Escape(name)}</td>").Cell(value).Append("<td class=\"bar\">");
        StackedBar.Append(html, [new BarPart(share, colour, name)]);
        html.Append("</td></tr>");
    }
}
