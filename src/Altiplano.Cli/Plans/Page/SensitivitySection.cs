using System.Globalization;
using System.Text;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>What the objective gains or loses if a figure that the plan rests on is another.</summary>
internal static class SensitivitySection
{
    public static void Append(StringBuilder html, PlanView view)
    {
        var (objective, items) = (view.Request.Objective, Sensitivity.Of(view.Plan));
        var name = PlanWords.Objective(objective);
        var most = items.Max(s => Math.Abs(s.Kept.Of(objective)));
        html.Heading("Sensitivity", $"change of {name} if a figure is another, the layout kept");
        html.Append("<div class=\"card\">").BeginTable("figure", "less", name, PlanHtml.Bars, "more", name, "<best of the listed layouts then");
        foreach (var pair in items.GroupBy(s => s.Name).Select(p => p.ToArray()))
        {
            var (less, more) = (pair.FirstOrDefault(s => s.Factor < 1), pair.FirstOrDefault(s => s.Factor > 1));
            html.Append($"<tr><td>{pair[0].Name}</td>");
            AppendCells(html, less, objective);
            html.Append("<td class=\"bar\">");
            foreach (var item in pair)
                AppendBar(html, item, objective, most);
            html.Append("</td>");
            AppendCells(html, more, objective);
            html.Cell(Listed(pair, objective), "wrap").Append("</tr>");
        }

        html.EndTable().Append("</div>");
    }

    private static void AppendCells(StringBuilder html, Sensitivity? item, Objective objective) => html
        .Cell(item is null ? "" : $"x {PlanHtml.F(item.Factor, "0.##")}").Cell(item is null ? "" : PlanWords.Change(item.Kept.Of(objective)));

    private static string Listed(IEnumerable<Sensitivity> pair, Objective objective)
    {
        var others = pair.Where(s => s.BestLayout > 0).Select(s => $"x {PlanHtml.F(s.Factor, "0.##")}: no. {s.BestLayout + 1}, {PlanWords.Change(s.Best.Of(objective))}").ToArray();
        return others.Length > 0 ? string.Join("; ", others) : "stays";
    }

    /// <summary>To the right where it is worse; the widest takes half the column.</summary>
    private static void AppendBar(StringBuilder html, Sensitivity item, Objective objective, double most)
    {
        var share = most > 0 ? item.Kept.Of(objective) / most : 0;
        var (left, width) = (share < 0 ? 0.5 + share / 2 : 0.5, Math.Abs(share) / 2);
        var tip = $"{item.Name} x {PlanHtml.F(item.Factor, "0.##")}: step {PlanWords.Change(item.Kept.Step)}, power {PlanWords.Change(item.Kept.FacilityWatts)}";
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"torn\"><i class=\"{(share < 0 ? "c-green" : "c-rust")}\" title=\"{tip}\" style=\"left:{left:0.###%};width:{width:0.###%}\"></i><b style=\"left:50%\"></b></div>");
    }
}
