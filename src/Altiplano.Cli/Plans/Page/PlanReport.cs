using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>A plan as one page that needs nothing else, no network and no script: <c>plan --html</c>.</summary>
internal static class PlanReport
{
    public static string Of(TrainingPlan plan, PlanBackground background)
    {
        var view = new PlanView(plan, background);
        var html = HtmlPage.Begin(HeadlineSection.Title(view), HeadlineSection.Subtitle(view), PlanStyle.Css);
        HeadlineSection.Append(html, view);
        LayoutSection.Append(html, view);
        MemorySection.Append(html, view);
        StepSection.Append(html, view);
        PowerSection.Append(html, view);
        CostSection.Append(html, view);
        GoodputSection.Append(html, view);
        PhaseSection.Append(html, view);
        RunnersUpSection.Append(html, view);
        SensitivitySection.Append(html, view);
        EvidenceSection.Append(html, view);
        return HtmlPage.End(html);
    }
}
