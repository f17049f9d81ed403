using System.Text;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>The other layouts that came near, what binds each, and why it lost.</summary>
internal static class RunnersUpSection
{
    private const double GiB = 1L << 30;

    public static void Append(StringBuilder html, PlanView view)
    {
        var (main, request, counts) = (view.Main, view.Request, view.Main.Counts);
        html.Heading("The best layouts", $"{PlanWords.Count(counts.Raw)} searched");
        html.Append("<div class=\"card\">").BeginTable(
            "", "<layout", "batch", "step", "MFU", "GiB", "power", PlanWords.Objective(request.Objective), "<what binds, and why it lost");
        foreach (var (candidate, i) in main.Best.Select((c, i) => (c, i)))
        {
            html.Append($"<tr{(i == 0 ? " class=\"sum\"" : "")}><td>{i + 1}</td>").Cell(LayoutText.Of(candidate.Layout), "wrap").Cell($"{candidate.GlobalBatchSequences:N0}");
            html.Cell(PlanWords.Step(candidate.Step.Time.Total)).Cell(PlanWords.Percent(MfuOf(view, candidate))).Cell(PlanHtml.F(candidate.Step.Memory.Total / GiB, "0.0"));
            html.Cell(PlanWords.Megawatts(candidate.Run.FacilityWatts)).Cell(PlanWords.Score(request.Objective, candidate.Score));
            html.Cell(i == 0 ? Binds(request, candidate) : $"{PlanWords.Change(candidate.Score / main.Winner.Score - 1)}: {Binding.WhyWorse(main.Winner, candidate)}. Binds: {Binds(request, candidate)}", "wrap");
            html.Append("</tr>");
        }

        html.EndTable().Append("</div>");
        html.Say($"{counts.Raw:N0} layouts: {counts.Evaluated:N0} evaluated, {counts.Fitting:N0} of them fit; {counts.SkippedByTime:N0} skipped, since a lower bound shows that they lose; " +
            $"{counts.SkippedByMemory:N0} skipped, since the leanest of their kind does not fit; {counts.Illegal:N0} do not divide. Each line is the best of its mesh unless the mesh was given.");
    }

    private static string Binds(PlanRequest request, in Candidate candidate) => string.Join(", ", Binding.Of(request, candidate).Take(3));

    private static double MfuOf(PlanView view, in Candidate candidate) =>
        ShapeFlops.Of(view.Request.Model, view.Main.Phase.SeqLen).PerSequence * candidate.GlobalBatchSequences
        / (candidate.Layout.World * candidate.Step.Time.Total * view.Cluster.Gpu.Peak(view.Request.Precision).Value);
}
