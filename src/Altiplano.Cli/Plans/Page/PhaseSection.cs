using System.Text;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>The phases of a run one after the other; nothing where there is one.</summary>
internal static class PhaseSection
{
    private const double SecondsPerDay = 86400;

    public static void Append(StringBuilder html, PlanView view)
    {
        var plan = view.Plan;
        if (plan.Phases.Count == 1)
            return;
        html.Heading("Phases", $"this page shows the phase {plan.Main.Phase.Name}, which has most tokens");
        html.Append("<div class=\"card\">").BeginTable("phase", "tokens", "batch x sequence", "<layout", "step", "days", "GPU-hours", "power");
        foreach (var phase in plan.Phases)
        {
            var winner = phase.Winner;
            html.Append($"<tr{(phase == plan.Main ? " class=\"sum\"" : "")}>").Cell(phase.Phase.Name).Cell(PlanWords.Count(phase.Phase.Tokens));
            html.Cell($"{winner.GlobalBatchSequences:N0} x {phase.Phase.SeqLen:N0}").Cell(LayoutText.Of(winner.Layout), "wrap").Cell(PlanWords.Step(winner.Step.Time.Total));
            html.Cell(PlanHtml.F(winner.Run.Seconds / SecondsPerDay, "0.00")).Cell(PlanWords.Count(phase.GpuHours)).Cell(PlanWords.Megawatts(winner.Run.FacilityWatts)).Append("</tr>");
        }

        html.Append("<tr class=\"sum\"><td>all</td>").Cell(PlanWords.Count(plan.Tokens)).Append("<td></td><td></td><td></td>");
        html.Cell(PlanHtml.F(plan.Seconds / SecondsPerDay, "0.00")).Cell(PlanWords.Count(plan.GpuHours)).Append("<td></td></tr>").EndTable().Append("</div>");
    }
}
