using System.Text;
using Altiplano.Planning;
using Altiplano.Planning.Power;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>The plan in one look: layout, days, megawatts, money, and how sure they are.</summary>
internal static class HeadlineSection
{
    public static string Title(PlanView view) => $"{view.Request.Model.Name} on {view.Layout.World:N0} {view.Cluster.Gpu.Name}";

    public static string Subtitle(PlanView view)
    {
        var used = view.Layout.World == view.Cluster.NumGpus ? "all" : $"{PlanHtml.F(100.0 * view.Layout.World / view.Cluster.NumGpus, "0.#")} %";
        return $"{PlanWords.Count(view.Plan.Tokens)} tokens in {view.Request.Precision.ToString().ToLowerInvariant()} · {used} of {view.Cluster.Name} · " +
            $"least {PlanWords.Objective(view.Request.Objective)} · every figure computed, none measured on this cluster";
    }

    public static void Append(StringBuilder html, PlanView view)
    {
        var (winner, main) = (view.Winner, view.Main);
        html.Append($"<p class=\"lead\"><code>{HtmlPage.Escape(LayoutText.Of(winner.Layout))}</code><br/>");
        html.Append(HtmlPage.Escape(
            $"A batch of {winner.GlobalBatchSequences:N0} sequences of {main.Phase.SeqLen:N0} tokens, {PlanWords.Count(main.TokensPerStep)} tokens a step; " +
            $"{winner.Layout.MicroBatches(winner.GlobalBatchSequences):N0} microbatches on each data-parallel rank. What binds: {string.Join(", ", Binding.Of(view.Request, winner).Take(3))}."));
        html.Append("</p>");
        foreach (var note in view.Plan.Notes)
            html.Append($"<p class=\"note\">{HtmlPage.Escape(note)}</p>");
        AppendTiles(html, view);
    }

    private static void AppendTiles(StringBuilder html, PlanView view)
    {
        var (figures, plan) = (view.Figures, view.Plan);
        var run = view.Main.Winner.Run;
        var carbon = RunEnergy.OfJoules(0, plan.Joules, view.Cluster.Facility).CarbonTonnes;
        html.Append("<section class=\"tiles\">");
        Tile(figures.Seconds * (plan.Seconds / run.Seconds), PlanWords.Days, "from the first token to the last");
        Tile(figures.FacilityWatts, PlanWords.Megawatts, "at the meter while it trains");
        Tile(figures.Dollars * (plan.Dollars / run.Dollars), PlanWords.Money, view.Request.IsOwned
            ? $"to its owner, ${PlanHtml.F(plan.Dollars / plan.Tokens * 1e6, "0.000")} a million tokens"
            : $"of rent, ${PlanHtml.F(plan.Dollars / plan.Tokens * 1e6, "0.000")} a million tokens");
        Tile(figures.Mfu, PlanWords.Percent, $"MFU, {PlanHtml.F(figures.ModelFlopsPerGpu.Value / 1e12, "0")} TFLOP/s a GPU");
        Tile(figures.StepSeconds, PlanWords.Step, $"a step, {PlanWords.Count(view.Main.TokensPerSecond)} tokens/s");
        Tile(figures.GpuHours * (view.Plan.GpuHours / view.Main.GpuHours), PlanWords.Count, "GPU-hours");
        Tile(figures.Goodput, PlanWords.Percent, "of the time trains for good");
        Tile(figures.Joules * (plan.Joules / run.Joules), PlanWords.Energy, $"of energy, {(carbon < 10 ? $"{PlanHtml.F(carbon * 1000, "N0")} kg" : $"{PlanHtml.F(carbon, "N0")} t")} CO2e");
        html.Append("</section>");

        void Tile(Figure figure, Func<double, string> show, string what) => html.Append(
            $"<div><b>{HtmlPage.Escape(show(figure.Value))}</b><span>{HtmlPage.Escape(what)}</span>")
            .Append($"<small>{HtmlPage.Escape(PlanWords.Range(figure, show))} (80 %), {EvidenceWords.Show(figure.Evidence)}</small></div>");
    }
}
