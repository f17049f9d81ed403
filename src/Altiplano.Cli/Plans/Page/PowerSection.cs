using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Power;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>Megawatts: by part, over some steps, and over the first days of one simulated run.</summary>
internal static class PowerSection
{
    private const int Width = 530, Height = 250, ShownSteps = 3;

    private const double Megawatt = 1e6;

    /// <summary>LINPACK on El Capitan, TOP500 of November 2024: 1.742 Eflop/s at 58.89 Gflop/s a watt.</summary>
    private const double ElCapitan = 29.6e6;

    public static void Append(StringBuilder html, PlanView view)
    {
        var (power, gpus) = (view.Power, view.Layout.World);
        var capacity = view.Cluster.Facility.Capacity.Value;
        html.Heading("Power", $"{PlanWords.Megawatts(power.FacilityMean)} at the meter, {PlanWords.Percent(power.FacilityMean / capacity)} of the site's {PlanWords.Megawatts(capacity)}; IT {PlanWords.Megawatts(power.ItMean)}, {PlanHtml.F(power.ItMean / gpus, "N0")} W a GPU");
        AppendParts(html, view);
        html.Append("<section class=\"charts\" style=\"margin-top:12px\">");
        html.Figure($"{ShownSteps} steps", $"{Unit(power.FacilityPeak)} at the meter", DrawSteps(view), Levels(power));
        if (view.Simulated is { } run)
            html.Figure($"First {PowerTraceChart.Days} days of one simulated run", $"{PowerTraceChart.Unit(run.Spec)} of IT, cooling apart", PowerTraceChart.Draw(run.Spec), PowerTraceChart.Legend);
        html.Append("</section>");
        html.Append("<div style=\"height:12px\"></div>").Say(Swings(view));
    }

    private static void AppendParts(StringBuilder html, PlanView view)
    {
        var breakdown = PowerBreakdown.Of(view.Cluster, view.PowerModel.MeanUse(view.Winner.Step), view.Layout.World);
        var all = breakdown.Facility;
        html.Append("<div class=\"card big\">");
        StackedBar.Append(html, breakdown.Parts.Select(p => new BarPart(
            p.WattsPerGpu.Value * breakdown.Gpus / all.Value, PartColours.Of(p.Name), $"{p.Name} {PlanHtml.F(p.WattsPerGpu.Value, "N0")} W a GPU")));
        html.BeginTable("part", "W a GPU", "80 %", "in all", "<rests on", "<");
        foreach (var part in breakdown.Parts.Where(p => p.WattsPerGpu.Value > 0))
        {
            var watts = part.WattsPerGpu;
            html.Append($"<tr><td><i class=\"swatch {PartColours.Of(part.Name)}\"></i>{HtmlPage.Escape(part.Name)}</td>").Cell(PlanHtml.F(watts.Value, "N0"));
            html.Cell($"{PlanHtml.F(watts.Low, "N0")} to {PlanHtml.F(watts.High, "N0")}").Cell(PlanWords.Megawatts(watts.Value * breakdown.Gpus));
            html.Append($"<td class=\"l\">{PlanHtml.Grade(watts.Evidence)}</td>").Cell(part.Basis, "wrap").Append("</tr>");
        }

        var perGpu = all * (1.0 / breakdown.Gpus);
        html.Append("<tr class=\"sum\"><td>facility</td>").Cell(PlanHtml.F(perGpu.Value, "N0")).Cell($"{PlanHtml.F(perGpu.Low, "N0")} to {PlanHtml.F(perGpu.High, "N0")}");
        html.Cell(PlanWords.Megawatts(all.Value)).Append($"<td class=\"l\">{PlanHtml.Grade(all.Evidence)}</td>");
        html.Cell($"{PlanHtml.F(all.Value / ElCapitan, all.Value < 0.1 * ElCapitan ? "0.0000" : "0.00")} times El Capitan's {PlanHtml.F(ElCapitan / Megawatt, "0.0")} MW", "wrap").Append("</tr>");
        html.EndTable().Append("</div>");
    }

    /// <summary>All ranks wait together for gradients and for the slowest; bubbles fall at other moments on other ranks and even out.</summary>
    private static string DrawSteps(PlanView view)
    {
        var (power, total, time) = (view.Power, view.StepSeconds, view.Winner.Step.Time);
        var (unit, wait) = (UnitOf(power.FacilityPeak), Math.Min(0.95 * view.StepSeconds, time.DataParallel + time.Stragglers));
        var working = (power.FacilityMean * total - power.FacilityTrough * wait) / (total - wait) / unit;
        var frame = new PlotFrame(0, ShownSteps * total, 0, power.FacilityPeak / unit * 1.1, Width, Height);
        var svg = Svg.Begin(Width, Height, "power over steps");
        frame.Rows(svg).Columns(svg, frame.RoundColumns(7), "seconds");
        var points = new List<(double X, double Y)>();
        for (var step = 0; step < ShownSteps; step++)
        {
            var (start, stop, end) = (frame.X(step * total), frame.X((step + 1) * total - wait), frame.X((step + 1) * total));
            var (high, low) = (frame.Y(working), frame.Y(power.FacilityTrough / unit));
            points.AddRange([(start, high), (stop, high), (stop, low), (end, low)]);
        }

        svg.Area("shade c-blue", [(frame.Left, frame.PlotBottom), .. points, (frame.PlotRight, frame.PlotBottom)]);
        svg.Curve("line stroke c-blue", points);
        foreach (var (watts, colour) in new[] { (power.FacilityPeak, "c-rust"), (power.FacilityMean, "c-green"), (power.FacilityTrough, "c-grey") })
            svg.Line($"level {colour}", frame.Left, frame.Y(watts / unit), frame.PlotRight, frame.Y(watts / unit));
        return Svg.End(svg);
    }

    private static string Levels(StepPower power) =>
        PlanHtml.Key("c-rust", $"every GPU computes, {PlanWords.Megawatts(power.FacilityPeak)}", true) +
        PlanHtml.Key("c-green", $"mean {PlanWords.Megawatts(power.FacilityMean)}", true) +
        PlanHtml.Key("c-grey", $"all wait, {PlanWords.Megawatts(power.FacilityTrough)}", true);

    private static string Swings(PlanView view)
    {
        var smooth = PowerSmoothing.Of(view.Cluster, view.PowerModel, view.Winner.Step, view.Layout.World);
        return $"When all ranks stop together: {PlanWords.Megawatts(smooth.StepSwing)} every step, {PlanWords.Megawatts(smooth.CheckpointSwing)} at a checkpoint that blocks, " +
            $"{PlanWords.Megawatts(smooth.StopSwing)} at a failure. Capacitors and batteries that keep steps within 10 % and stops within 60 s of ramp: {PlanWords.Megawatts(smooth.BufferPower)}, " +
            $"{PlanHtml.F(smooth.BufferKwh, smooth.BufferKwh < 10 ? "0.00" : "N0")} kWh, {PlanWords.Money(smooth.BufferDollars)}; GPUs that burn the difference instead: {PlanWords.Money(smooth.FloorDollarsPerYear)} a year. Prices assumed.";
    }

    private static double UnitOf(double watts) => watts < Megawatt ? 1e3 : Megawatt;

    private static string Unit(double watts) => watts < Megawatt ? "kW" : "MW";
}
