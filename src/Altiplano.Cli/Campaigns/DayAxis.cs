using System.Globalization;
using System.Text;
using Altiplano.Planning.Campaign;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Campaigns;

/// <summary>Days from left to right, the same in every chart of a page.</summary>
internal sealed class DayAxis(CampaignPlan plan)
{
    private const double SecondsPerDay = 86400;

    public const int Width = 1080, Left = 160, Right = 16;

    private static int PlotWidth => Width - Left - Right;

    /// <summary>Pixels from the left.</summary>
    /// <param name="seconds">Since the campaign began.</param>
    public double X(double seconds) => Left + seconds / plan.Seconds * PlotWidth;

    /// <summary>Vertical rules at round days, and their numbers below.</summary>
    public void Append(StringBuilder svg, int top, int bottom)
    {
        var ticks = AxisTicks.Within(0, plan.Seconds / SecondsPerDay, 12);
        foreach (var day in ticks.Values)
        {
            var x = N(X(day * SecondsPerDay));
            svg.Append($"<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{bottom}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{x}\" y=\"{bottom + 18}\" text-anchor=\"middle\">{ticks.Show(day)}</text>");
        }

        svg.Append($"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>");
    }

    public static string N(double pixels) => pixels.ToString("0.#", CultureInfo.InvariantCulture);
}
