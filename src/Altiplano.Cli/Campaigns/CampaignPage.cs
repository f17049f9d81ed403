using System.Globalization;
using System.Text;
using Altiplano.Planning.Campaign;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Campaigns;

/// <summary>A campaign as one page that needs nothing else, no network and no script.</summary>
internal static class CampaignPage
{
    private const int Colours = 5;

    private const double SecondsPerDay = 86400;

    private const string Css = """
        .bar, .area { stroke: var(--card); stroke-width: 1; }
        .s0.bar, .s0.area { fill: var(--s0); } .s1.bar, .s1.area { fill: var(--s1); } .s2.bar, .s2.area { fill: var(--s2); }
        .s3.bar, .s3.area { fill: var(--s3); } .s4.bar, .s4.area { fill: var(--s4); }
        .idle { fill: var(--soft); opacity: 0.28; }
        .idle-key { background: var(--soft); opacity: 0.5; }
        .need { fill: none; stroke: var(--soft); stroke-width: 1.4; stroke-dasharray: 3 3; }
        .name { fill: var(--ink); font-size: 13.5px; font-weight: 600; }
        .inside { fill: var(--card); font-size: 12.5px; font-weight: 600; pointer-events: none; }
        .beside { fill: var(--soft); font-size: 12.5px; paint-order: stroke; stroke: var(--card); stroke-width: 5px; stroke-linejoin: round; }
        .scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 8px 16px; }
        .scroll table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
        .scroll th { text-align: right; color: var(--soft); font-weight: 400; padding: 6px 0 6px 18px; white-space: nowrap; }
        .scroll td { text-align: right; padding: 6px 0 6px 18px; border-top: 1px solid var(--rule); white-space: nowrap; }
        .scroll th:first-child, .scroll td:first-child { text-align: left; padding-left: 0; }
        .scroll small { color: var(--soft); }
        .notes p { margin: 0 0 8px; font-size: 13.5px; color: var(--soft); } .notes b { color: var(--ink); font-weight: 600; }
        """;

    /// <summary>The colour of a run, the same in every chart.</summary>
    public static int Colour(int run) => run % Colours;

    public static string Of(CampaignPlan plan)
    {
        var html = HtmlPage.Begin(plan.Campaign.Name, Subtitle(plan), Css);
        AppendTiles(html, plan);
        html.Append("<section class=\"charts\">");
        AppendFigure(html, "Schedule", "days", GanttChart.Draw(plan), "");
        AppendFigure(html, "Power at the meter", "MW over days", PowerChart.Draw(plan), Legend(plan));
        html.Append("</section>");
        AppendTable(html, plan);
        AppendNotes(html, plan);
        return HtmlPage.End(html);
    }

    private static string Subtitle(CampaignPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plan.Campaign.Fleet.Name} · {plan.Campaign.Fleet.NumGpus:N0} {plan.Campaign.Fleet.Gpu.Name} · every figure computed, none measured");

    private static void AppendTiles(StringBuilder html, CampaignPlan plan)
    {
        var (energy, money) = (plan.RunEnergy + plan.IdleEnergy, plan.RunMoney + plan.IdleMoney);
        FormattableString[] tiles =
        [
            $"<b>{plan.Seconds / SecondsPerDay:0.0} days</b><span>from the first start to the last end</span>",
            $"<b>{plan.GpuHours / 1e6:0.00}M</b><span>GPU-hours, {plan.Utilisation:0.0%} of the fleet's</span>",
            $"<b>{plan.PeakWatts / 1e6:0.0} MW</b><span>at most at the meter</span>",
            $"<b>{energy.FacilityKwh / 1e6:0.0} GWh</b><span>{plan.IdleEnergy.FacilityKwh / 1e6:0.0} of them for idle GPUs</span>",
            $"<b>{plan.RunEnergy.CarbonTonnes:N0} t</b><span>CO2e of the runs</span>",
            $"<b>{money.Owned / 1e6:0.0} M$</b><span>to own the fleet meanwhile</span>",
            $"<b>{plan.RunMoney.Rented / 1e6:0.0} M$</b><span>to rent what the runs use</span>",
            $"<b>{plan.RunMoney.Energy / 1e6:0.0} M$</b><span>of energy for the runs</span>",
        ];
        html.Append("<section class=\"tiles\">");
        foreach (var tile in tiles)
            html.Append("<div>").Append(tile.ToString(CultureInfo.InvariantCulture)).Append("</div>");
        html.Append("</section>");
    }

    private static void AppendFigure(StringBuilder html, string title, string unit, string chart, string legend) => html.Append(
        $"<figure class=\"wide\"><figcaption><b>{title}</b><span class=\"unit\">{unit}</span><span class=\"legend\">{legend}</span></figcaption>{chart}</figure>");

    private static string Legend(CampaignPlan plan) => string.Concat(plan.Runs
        .Select((run, i) => $"<span><i class=\"key s{Colour(i)}\"></i>{HtmlPage.Escape(run.Run.Name)}</span>")
        .Append("<span><i class=\"key idle-key\"></i>idle GPUs</span>"));

    private static void AppendTable(StringBuilder html, CampaignPlan plan)
    {
        html.Append("<h2>Runs</h2><div class=\"scroll\"><table><tr><th></th><th>GPUs</th><th>days <small>(80 %)</small></th><th>GPU-hours</th>");
        html.Append("<th>MW</th><th>GWh</th><th>t CO2e</th><th>M$ owned</th><th>M$ rented</th><th>$ / M tokens</th></tr>");
        foreach (var run in plan.Runs)
        {
            var days = Planning.Figure.Around(run.Seconds / SecondsPerDay, run.Plan.RelativeSigma, run.Plan.Evidence);
            html.Append(string.Create(
                CultureInfo.InvariantCulture,
                $"<tr><td>{HtmlPage.Escape(run.Run.Name)}</td><td>{run.Gpus:N0}</td><td>{days.Value:0.0} <small>{days.Low:0.0} to {days.High:0.0}</small></td><td>{run.GpuHours / 1e6:0.00}M</td>"));
            html.Append(string.Create(
                CultureInfo.InvariantCulture,
                $"<td>{run.Plan.FacilityWatts / 1e6:0.0}</td><td>{run.Energy.FacilityKwh / 1e6:0.0}</td><td>{run.Energy.CarbonTonnes:N0}</td><td>{run.Money.Owned / 1e6:0.0}</td><td>{run.Money.Rented / 1e6:0.0}</td><td>{run.OwnedPerMillionTokens:0.000}</td></tr>"));
        }

        html.Append("</table></div>");
    }

    private static void AppendNotes(StringBuilder html, CampaignPlan plan)
    {
        html.Append("<h2>What it rests on</h2><section class=\"notes\">");
        foreach (var run in plan.Runs)
            html.Append($"<p><b>{HtmlPage.Escape(run.Run.Name)}</b> {HtmlPage.Escape(CampaignWords.Describe(run))}</p>");
        html.Append($"<p><b>carbon</b> {CampaignWords.Carbon(plan)}</p><p><b>site</b> {CampaignWords.Site(plan)}</p>");
        foreach (var source in plan.Campaign.Sources)
            html.Append($"<p>{HtmlPage.Escape(source)}</p>");
        html.Append("</section>");
    }
}
