using System.Globalization;
using System.Text;
using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>How sure every figure is and what it rests on, down to the sources.</summary>
internal static class EvidenceSection
{
    /// <summary>Width of the interval column: this many times below and above the value, as logarithms.</summary>
    private const double WidestFactor = 1.5;

    public static void Append(StringBuilder html, PlanView view)
    {
        html.Heading("How sure", "80 % intervals: one case in ten lies below, one above");
        AppendFigures(html, view);
        AppendInputs(html, view);
        AppendLaws(html, view);
        AppendSources(html, view);
    }

    private static void AppendFigures(StringBuilder html, PlanView view)
    {
        var figures = view.Figures;
        var spread = string.Create(CultureInfo.InvariantCulture, $"coefficients {view.Request.Stack.Name}{(view.Request.Stack.Evidence == Evidence.Assumed ? ", which stand in for this stack" : ", fitted to measured runs")}; spread {view.Request.Stack.RelativeSigma:0.0 %}, more beyond the largest measured run");
        var failures = view.Request.Reliability is { } known ? $"the step, and failure rates {known.Rates.Name}" : "the step; failures not counted";
        html.Append("<div class=\"card\">").BeginTable("figure", "value", "low", "high", PlanHtml.ThinBars, "<rests on", "<");
        Row("step", figures.StepSeconds, PlanWords.Step, spread);
        Row("tokens/s", figures.TokensPerSecond, PlanWords.Count, "the step");
        Row("MFU", figures.Mfu, PlanWords.Percent, "model FLOPs over the dense peak; causal attention counted as half, nothing recomputed");
        Row("HFU", figures.Hfu, PlanWords.Percent, "the same with what is recomputed");
        Row("TFLOP/s a GPU", figures.ModelFlopsPerGpu * 1e-12, v => PlanHtml.F(v, "0"), "model FLOPs over the step");
        Row("memory", figures.MemoryBytes, PlanWords.Gibibytes, "tensors counted exactly, libraries' share fitted");
        Row("goodput", figures.Goodput, PlanWords.Percent, failures);
        Row("time", figures.Seconds, PlanWords.Days, failures);
        Row("GPU-hours", figures.GpuHours, PlanWords.Count, failures);
        Row("facility power", figures.FacilityWatts, PlanWords.Megawatts, "the parts of the table under Power");
        Row("energy", figures.Joules, PlanWords.Energy, "power and time");
        Row("money", figures.Dollars, PlanWords.Money, "time, energy, and the cluster's prices");
        html.EndTable().Append("</div>");

        void Row(string name, Figure figure, Func<double, string> show, string basis)
        {
            html.Append("<tr>").Cell(name).Cell(show(figure.Value)).Cell(show(figure.Low)).Cell(show(figure.High)).Append("<td class=\"bar thin\">");
            html.Append(CultureInfo.InvariantCulture, $"<div class=\"span c-blue\"><i style=\"left:{Place(figure.Low / figure.Value):0.#%};width:{Place(figure.High / figure.Value) - Place(figure.Low / figure.Value):0.#%}\"></i><b style=\"left:50%\"></b></div></td>");
            html.Append($"<td class=\"l\">{PlanHtml.Grade(figure.Evidence)}</td>").Cell(basis, "wrap").Append("</tr>");
        }
    }

    private static double Place(double factor) => Math.Clamp(0.5 + Math.Log(factor) / Math.Log(WidestFactor) / 2, 0, 1);

    /// <summary>Figures of the descriptions that are not the data sheet's.</summary>
    private static void AppendInputs(StringBuilder html, PlanView view)
    {
        var cluster = view.Cluster;
        (string Of, string Key, Evidence Evidence)[] inputs =
        [
            .. Graded(cluster.Gpu.Name, cluster.Gpu.Evidence), .. Graded(cluster.Server.Name, cluster.Server.Evidence), .. Graded(cluster.Name, cluster.Evidence),
            .. Graded(view.Request.Model.Name, view.Request.Model.Evidence), .. Rates(view),
        ];
        html.Append("<div class=\"card\">").Say("Inputs with a grade of their own; sizes of models not named here are published, figures of hardware not named here are data sheets'.");
        foreach (var group in inputs.GroupBy(i => i.Evidence).OrderBy(g => g.Key))
        {
            html.Append($"<p class=\"say\">{PlanHtml.Grade(group.Key)} ");
            html.Append(HtmlPage.Escape(string.Join("; ", group.GroupBy(i => i.Of).Select(of => $"{of.Key}: {string.Join(", ", of.Select(i => i.Key))}")))).Append("</p>");
        }

        html.Append("</div>");
    }

    private static IEnumerable<(string, string, Evidence)> Graded(string of, IReadOnlyDictionary<string, Evidence> grades) =>
        grades.Select(g => (of, g.Key.Replace('_', ' '), g.Value));

    private static IEnumerable<(string, string, Evidence)> Rates(PlanView view) => view.Request.Reliability is { } reliability
        ? reliability.Rates.Components.Select(c => (
            $"failure rates {reliability.Rates.Name}", $"{Planning.Reliability.FailureRates.Word(c.Component).Replace('_', ' ')} {c.Rate}", c.Evidence))
        : [];

    private static void AppendLaws(StringBuilder html, PlanView view)
    {
        html.Append("<div class=\"card\">").BeginTable("published law", "best size", "on tokens", "loss of this run", "<valid for");
        foreach (var law in PlanScaling.Of(view.Plan))
        {
            html.Append("<tr>").Cell(law.Law.Name).Cell(PlanWords.Count(law.Optimum.Parameters)).Cell(PlanWords.Count(law.Optimum.Tokens));
            html.Cell(law.Loss is { } loss ? $"{PlanHtml.F(loss, "0.00")} nats" : "none given");
            html.Cell($"{(law.Optimum.IsExtrapolated ? "extrapolated; " : "")}{law.Law.Validity} ({law.Law.Source})", "wrap").Append("</tr>");
        }

        html.EndTable().Say($"For the {PlanHtml.F(PlanScaling.Of(view.Plan)[0].Flops, "0.00e+00")} model FLOPs of this run. The laws hold for their own corpora, not for yours.").Append("</div>");
    }

    private static void AppendSources(StringBuilder html, PlanView view)
    {
        var cluster = view.Cluster;
        string[] sources = [.. cluster.Sources.Concat(cluster.Server.Sources).Concat(cluster.Gpu.Sources).Concat(view.Request.Reliability?.Rates.Sources ?? []).Concat(view.Background.StackSources).Distinct()];
        if (sources.Length == 0)
            return;
        html.Append("<h2>Sources</h2><ul class=\"sources\">");
        foreach (var source in sources)
            html.Append($"<li>{HtmlPage.Escape(source)}</li>");
        html.Append("</ul>");
    }
}
