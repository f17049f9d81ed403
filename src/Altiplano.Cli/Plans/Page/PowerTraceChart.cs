using Altiplano.Cli.Pages;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Plans.Page;

/// <summary>IT power over the first days of one simulated run: the mean, and between which values it moves.</summary>
internal static class PowerTraceChart
{
    public const int Days = 3;

    private const int Width = 530, Height = 250, Buckets = 240;

    private const double WattsPerKilowatt = 1e3, WattsPerMegawatt = 1e6;

    /// <summary>The run that is drawn.</summary>
    private const long Seed = 1;

    public static string Legend => PlanHtml.Key("c-blue", "mean", true) + PlanHtml.Key("c-sky", "least and most");

    public static string Unit(SimulatedRunSpec spec) => IsLarge(spec) ? "MW" : "kW";

    public static string Draw(SimulatedRunSpec spec)
    {
        var drawn = spec with { Duration = Seconds.FromDays(Days), Steps = null };
        var scale = IsLarge(spec) ? 1 : WattsPerMegawatt / WattsPerKilowatt;
        var buckets = PowerBuckets.Of(Simulator.Trace(drawn, Seed).Timeline.PowerTrace(drawn), Days * Seconds.PerDay, Buckets);
        var frame = new PlotFrame(0, Days, 0, buckets.Max(b => b.Most) * scale * 1.1, Width, Height);
        var svg = Svg.Begin(Width, Height, "power over days");
        frame.Rows(svg).Columns(svg, frame.RoundColumns(7), "days");
        var above = buckets.Select(b => (X(b), frame.Y(b.Most * scale)));
        var below = buckets.Reverse().Select(b => (X(b), frame.Y(b.Least * scale)));
        return Svg.End(svg.Area("shade c-sky", above.Concat(below)).Curve("line stroke c-blue", buckets.Select(b => (X(b), frame.Y(b.Mean * scale)))));

        double X(PowerBucket bucket) => frame.X(bucket.Middle / Seconds.PerDay);
    }

    private static bool IsLarge(SimulatedRunSpec spec) => spec.Power.Training * spec.Scale.Gpus >= WattsPerMegawatt;
}
