using System.Globalization;
using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Campaign;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Campaigns;

/// <summary>A row a run, a bar from its start to its end, and a line from what it waited for.</summary>
internal static class GanttChart
{
    private const int RowHeight = 40, BarHeight = 26, Top = 8, Bottom = 28;

    /// <summary>Bars narrower than this, in pixels, carry their words beside them.</summary>
    private const double RoomForWords = 190;

    private const double SecondsPerDay = 86400;

    public static string Draw(CampaignPlan plan)
    {
        var axis = new DayAxis(plan);
        var bottom = Top + RowHeight * plan.Runs.Count;
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {DayAxis.Width} {bottom + Bottom}\" role=\"img\">");
        axis.Append(svg, Top, bottom);
        for (var row = 0; row < plan.Runs.Count; row++)
            AppendNeeds(svg, axis, plan, row);
        for (var row = 0; row < plan.Runs.Count; row++)
            AppendBar(svg, axis, plan.Runs[row], row);
        return svg.Append("</svg>").ToString();
    }

    private static void AppendBar(StringBuilder svg, DayAxis axis, ScheduledRun run, int row)
    {
        var (x, end, middle) = (axis.X(run.Start), axis.X(run.End), Middle(row));
        var (width, words) = (Math.Max(3, end - x), Words(run));
        svg.Append($"<text class=\"name\" x=\"{DayAxis.Left - 12}\" y=\"{middle}\" dy=\"0.35em\" text-anchor=\"end\">{HtmlPage.Escape(run.Run.Name)}</text>");
        svg.Append($"<rect class=\"bar s{CampaignPage.Colour(row)}\" x=\"{Svg.N(x)}\" y=\"{middle - BarHeight / 2}\" width=\"{Svg.N(width)}\" height=\"{BarHeight}\" rx=\"5\">");
        svg.Append($"<title>{HtmlPage.Escape($"{run.Run.Name}: {words}\n{CampaignWords.Describe(run)}")}</title></rect>");
        var isInside = width >= RoomForWords;
        var isLeft = !isInside && end + RoomForWords > DayAxis.Width - DayAxis.Right;
        var (textX, anchor, kind) = isInside ? (x + 10, "start", "inside") : isLeft ? (x - 8, "end", "beside") : (end + 8, "start", "beside");
        svg.Append($"<text class=\"{kind}\" x=\"{Svg.N(textX)}\" y=\"{middle}\" dy=\"0.35em\" text-anchor=\"{anchor}\">{words}</text>");
    }

    private static void AppendNeeds(StringBuilder svg, DayAxis axis, CampaignPlan plan, int row)
    {
        var run = plan.Runs[row];
        foreach (var need in run.Run.Needs)
        {
            var from = plan.Runs.ToList().FindIndex(other => other.Run.Name == need);
            var (x0, y0, x1, y1) = (axis.X(plan.Runs[from].End), Middle(from), axis.X(run.Start), Middle(row));
            svg.Append($"<path class=\"need\" d=\"M{Svg.N(x0)} {y0} C{Svg.N(x0 + 18)} {y0} {Svg.N(x1 - 18)} {y1} {Svg.N(x1)} {y1}\"/>");
        }
    }

    private static string Words(ScheduledRun run) => string.Create(
        CultureInfo.InvariantCulture, $"{run.Gpus:N0} GPUs, {run.Seconds / SecondsPerDay:0.0} days");

    private static int Middle(int row) => Top + RowHeight * row + RowHeight / 2;
}
