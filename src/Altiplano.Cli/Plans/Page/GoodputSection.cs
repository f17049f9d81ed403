using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>How much of the time trains for good, by checkpoint interval and by what is done on a failure.</summary>
internal static class GoodputSection
{
    private const int Width = 530, Height = 330, Points = 120;

    /// <summary>How far below the lowest best point curves are followed.</summary>
    private const double Depth = 0.3;

    private const double Shortest = 10, Longest = 43200;

    private static readonly string[] Colours = ["c-blue", "c-rust", "c-green", "c-purple", "c-amber", "c-slate"];

    private static readonly (double, string)[] Times =
    [
        (10, "10 s"), (60, "1 min"), (300, "5 min"), (1200, "20 min"), (3600, "1 h"), (14400, "4 h"), (43200, "12 h"),
    ];

    private sealed record Curve(RecoveryChoice Choice, string Colour, IReadOnlyList<(double Interval, double Share)> Points);

    public static void Append(StringBuilder html, PlanView view)
    {
        if (view.Simulated is not { } run)
            return;
        var choice = run.Ranking[0];
        html.Heading("Failures", choice.ToString());
        var curves = CurvesOf(view, run.Spec);
        html.Append("<section class=\"charts\">").Figure(
            "Goodput against checkpoint interval", "% of the time", Draw(curves, choice),
            string.Concat(curves.Select(c => PlanHtml.Key(c.Colour, c.Choice.Policy.Name, true))) + "<span>● best interval; ringed: the plan's</span>");
        html.Append("<div class=\"card\" style=\"margin:0\">");
        AppendPolicies(html, curves, choice);
        html.Append("<div style=\"height:18px\"></div>");
        AppendLosses(html, choice);
        html.Append("</div></section>");
    }

    private static Curve[] CurvesOf(PlanView view, SimulatedRunSpec spec)
    {
        var others = view.Background.Policies.Where(p => p with { Name = spec.Policy.Name } != spec.Policy).GroupBy(p => p with { Name = "" })
            .Select(same => same.First() with { Name = string.Join(", ", same.Select(p => p.Name)) });
        var ranking = RecoverySearch.Rank(spec.Rates, others, spec.Scale, spec.Stragglers);
        var chosen = RecoverySearch.Best(spec.Rates, spec.Policy, spec.Scale, spec.Stragglers);
        return [.. ranking.Take(Colours.Length - 1).Prepend(chosen).Select((choice, i) => CurveOf(choice, Colours[i], spec))];
    }

    private static Curve CurveOf(RecoveryChoice choice, string colour, SimulatedRunSpec spec)
    {
        var model = new GoodputModel(spec.Rates, choice.Policy, spec.Scale, spec.Stragglers);
        var least = Math.Max(Shortest, Math.Max(spec.StepTime.Value, choice.Policy.LeastInterval));
        var points = Enumerable.Range(0, Points + 1).Select(i => least * Math.Pow(Longest / least, (double)i / Points)).Where(_ => least < Longest)
            .Select(interval => (interval, model.EffectiveTime(interval, choice.Spares)));
        return new Curve(choice, colour, [.. points]);
    }

    private static string Draw(Curve[] curves, RecoveryChoice chosen)
    {
        var least = Math.Max(curves.SelectMany(c => c.Points).Min(p => p.Share), curves.Min(c => c.Choice.Shares.Training) - Depth);
        var frame = new PlotFrame(Shortest, Longest, 100 * Math.Clamp(least - 0.01, 0, 0.98), 100, Width, Height, IsLogarithmic: true);
        var svg = Svg.Begin(Width, Height, "goodput against checkpoint interval");
        frame.Rows(svg, 7).Columns(svg, Times, "training between two checkpoints");
        foreach (var curve in curves.Reverse())
            svg.Curve($"line stroke {curve.Colour}{(curve.Choice.Policy == chosen.Policy ? " thick" : "")}", curve.Points.Where(p => 100 * p.Share >= frame.MinY).Select(p => (frame.X(p.Interval), frame.Y(100 * p.Share))));
        foreach (var curve in curves.Reverse().Where(c => c.Choice.Interval.Value is >= Shortest and <= Longest))
            AppendBest(svg, frame, curve, isChosen: curve.Choice.Policy == chosen.Policy);
        return Svg.End(svg);
    }

    private static void AppendBest(StringBuilder svg, PlotFrame frame, Curve curve, bool isChosen)
    {
        var (x, y) = (frame.X(curve.Choice.Interval.Value), frame.Y(100 * curve.Choice.Shares.Training));
        if (isChosen)
            svg.Append($"<circle class=\"line stroke {curve.Colour}\" cx=\"{Svg.N(x)}\" cy=\"{Svg.N(y)}\" r=\"9\"/>");
        svg.Append($"<circle class=\"dot {curve.Colour}\" cx=\"{Svg.N(x)}\" cy=\"{Svg.N(y)}\" r=\"5\"><title>{HtmlPage.Escape(curve.Choice.ToString())}</title></circle>");
    }

    private static void AppendLosses(StringBuilder html, RecoveryChoice choice)
    {
        html.BeginTable("where the time goes", "share", PlanHtml.Bars);
        foreach (var (name, share) in choice.Shares.Losses().Where(l => l.Share > 0).Prepend(("training", choice.Shares.Training)))
        {
            html.Append($"<tr><td><i class=\"swatch {PartColours.Of(name)}\"></i>{HtmlPage.Escape(name)}</td>").Cell($"{PlanHtml.F(100 * share, "0.00")} %").Append("<td class=\"bar\">");
            StackedBar.Append(html, [new BarPart(share, PartColours.Of(name), name)]);
            html.Append("</td></tr>");
        }

        html.EndTable();
    }

    private static void AppendPolicies(StringBuilder html, Curve[] curves, RecoveryChoice chosen)
    {
        html.BeginTable("policy", "trains", "checkpoint every", "spares");
        foreach (var curve in curves)
        {
            var choice = curve.Choice;
            html.Append($"<tr{(choice.Policy == chosen.Policy ? " class=\"sum\"" : "")}><td><i class=\"swatch {curve.Colour}\"></i>{HtmlPage.Escape(choice.Policy.Name)}</td>");
            html.Cell(PlanWords.Percent(choice.Shares.Training)).Cell(Time(choice.Interval)).Cell($"{choice.Spares:N0}").Append("</tr>");
        }

        html.EndTable();
        if (curves.Any(c => c.Choice.PerServer > chosen.PerServer))
            html.Say($"The plan keeps to {chosen.Policy.Name}; --recovery auto lets it choose.");
    }

    private static string Time(Seconds time) => time.Value < 90 ? $"{PlanHtml.F(time.Value, "0")} s" : time.Value < 5400 ? $"{PlanHtml.F(time.Minutes, "0.0")} min" : $"{PlanHtml.F(time.Hours, "0.0")} h";
}
