using System.Text;
using Altiplano.Cli.Pages;
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
            var x = X(day * SecondsPerDay);
            svg.Line("grid", x, top, x, bottom).Text("tick", x, bottom + 18, ticks.Show(day), "middle");
        }

        svg.Line("axis", Left, bottom, Width - Right, bottom);
    }
}
