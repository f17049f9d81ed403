using System.Globalization;
using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Campaign;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Campaigns;

/// <summary>Megawatts at the meter over the days of a campaign: runs in the order of the file, idle GPUs on top of them.</summary>
internal static class PowerChart
{
    private const int Top = 14, PlotHeight = 250, Bottom = 28;

    private const double WattsPerMegawatt = 1e6, SecondsPerDay = 86400;

    public static string Draw(CampaignPlan plan)
    {
        var axis = new DayAxis(plan);
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {DayAxis.Width} {Top + PlotHeight + Bottom}\" role=\"img\">");
        axis.Append(svg, Top, Top + PlotHeight);
        var most = plan.PeakWatts * 1.08;
        AppendScale(svg, most);
        foreach (var interval in plan.Intervals)
            AppendColumn(svg, axis, plan, interval, most);
        return svg.Append("</svg>").ToString();
    }

    private static void AppendScale(StringBuilder svg, double most)
    {
        var ticks = AxisTicks.Within(0, most / WattsPerMegawatt, 7);
        foreach (var megawatts in ticks.Values)
        {
            var y = Y(megawatts * WattsPerMegawatt, most);
            svg.Line("grid", DayAxis.Left, y, DayAxis.Width - DayAxis.Right, y);
            svg.Text("tick", DayAxis.Left - 8, y + 4, ticks.Show(megawatts), "end");
        }
    }

    private static void AppendColumn(StringBuilder svg, DayAxis axis, CampaignPlan plan, FleetInterval interval, double most)
    {
        var idleGpus = plan.Campaign.Fleet.NumGpus - interval.BusyGpus;
        var below = 0.0;
        for (var i = 0; i < plan.Runs.Count; i++)
        {
            var run = plan.Runs[i];
            if (run.Start <= interval.Start && run.End >= interval.End)
                Add($"area s{CampaignPage.Colour(i)}", run.Plan.FacilityWatts, run.Run.Name);
        }

        Add("idle", interval.IdleWatts, string.Create(CultureInfo.InvariantCulture, $"{idleGpus:N0} idle GPUs"));

        void Add(string kind, double watts, string name)
        {
            var (x, width) = (axis.X(interval.Start), axis.X(interval.End) - axis.X(interval.Start));
            var (y, height) = (Y(below + watts, most), watts / most * PlotHeight);
            below += watts;
            svg.Append($"<rect class=\"{kind}\" x=\"{Svg.N(x)}\" y=\"{Svg.N(y)}\" width=\"{Svg.N(width)}\" height=\"{Svg.N(height)}\">");
            svg.Append($"<title>{HtmlPage.Escape(Told(interval, name, watts))}</title></rect>");
        }
    }

    private static string Told(FleetInterval interval, string name, double watts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {watts / WattsPerMegawatt:0.0} MW of {interval.Watts / WattsPerMegawatt:0.0} MW\nday {interval.Start / SecondsPerDay:0.0} to {interval.End / SecondsPerDay:0.0}");

    private static double Y(double watts, double most) => Top + (1 - watts / most) * PlotHeight;
}
