using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>Memory of a rank of each pipeline stage, part on part, against what the GPU has.</summary>
internal static class MemorySection
{
    private const double GiB = 1L << 30;
    /// <summary>Free on either side of a column, as a share of what it has.</summary>
    private const double ColumnGap = 0.08;

    private const int MostRows = 6, MostMarks = 16;

    public static void Append(StringBuilder html, PlanView view)
    {
        var stages = view.Main.MemoryByStage;
        var (fullest, capacity) = (stages[view.Winner.Step.FullestStage], view.Cluster.Gpu.Memory.Value);
        var percent = PlanWords.Percent(fullest.Total / capacity);
        html.Heading("Memory", $"the fullest rank takes {PlanWords.Gibibytes(fullest.Total)}, {percent} of the {PlanWords.Gibibytes(capacity)} of the {view.Cluster.Gpu.Name}");
        if (stages.Count <= MostRows)
            AppendRows(html, view, capacity);
        else
            AppendColumns(html, view, capacity);
        AppendTable(html, view);
    }

    private static void AppendRows(StringBuilder html, PlanView view, double capacity)
    {
        html.Append("<div class=\"card big\">");
        var width = Math.Max(capacity, view.Main.MemoryByStage.Max(s => s.Total)) * 1.02;
        foreach (var (memory, stage) in view.Main.MemoryByStage.Select((m, i) => (m, i)))
        {
            if (view.Main.MemoryByStage.Count > 1)
                html.Say($"stage {stage}, {PlanWords.Gibibytes(memory.Total)}");
            StackedBar.Append(html, MemoryParts.Of(memory).Select(p => new BarPart(p.Bytes / width, PartColours.Of(p.Name), Tip(p.Name, p.Bytes))), capacity / width);
        }

        html.Append($"<div class=\"legend\">{Legend(view.Main.MemoryByStage)}</div></div>");
    }

    private static void AppendColumns(StringBuilder html, PlanView view, double capacity)
    {
        var stages = view.Main.MemoryByStage;
        var most = Math.Max(capacity, stages.Max(s => s.Total)) * 1.06;
        html.Append($"<figure><figcaption><b>Memory of a rank by pipeline stage</b><span class=\"unit\">GiB</span></figcaption><div class=\"columns\" style=\"--gap:{Percent(ColumnGap / stages.Count)}\">");
        foreach (var gibibytes in AxisTicks.Within(0, most / GiB, 6).Values)
            html.Append($"<u style=\"bottom:{Percent(gibibytes * GiB / most)}\"><span>{PlanHtml.F(gibibytes, "0.#")}</span></u>");
        html.Append($"<b style=\"bottom:{Percent(capacity / most)}\"></b>");
        var every = (stages.Count + MostMarks - 1) / MostMarks;
        foreach (var (memory, stage) in stages.Select((m, i) => (m, i)))
            AppendColumn(html, memory, stage, most, isMarked: stage % every == 0);
        html.Append($"</div><div class=\"legend\">{Legend(stages)}</div></figure>");
    }

    private static void AppendColumn(StringBuilder html, in MemoryUse memory, int stage, double most, bool isMarked)
    {
        html.Append($"<div title=\"stage {stage}: {PlanWords.Gibibytes(memory.Total)}\">");
        foreach (var (part, bytes) in MemoryParts.Of(memory).Where(p => p.Bytes > 0).Reverse())
            html.Append($"<i class=\"{PartColours.Of(part)}\" style=\"height:{Percent(bytes / most)}\" title=\"stage {stage}, {Tip(part, bytes)}\"></i>");
        html.Append(isMarked ? $"<span>{stage}</span></div>" : "</div>");
    }

    private static string Percent(double share) => PlanHtml.F(share, "0.###%");

    private static string Legend(IReadOnlyList<MemoryUse> stages) => string.Concat(
        PartsOf(stages).Select(name => PlanHtml.Key(PartColours.Of(name), name)).Append(
            "<span><b style=\"color:var(--warn)\">┆</b> the GPU's memory</span>"));

    private static IEnumerable<string> PartsOf(IReadOnlyList<MemoryUse> stages) =>
        MemoryParts.Of(default).Select((part, i) => (part.Name, i)).Where(p => stages.Any(s => MemoryParts.Of(s)[p.i].Bytes > 0)).Select(p => p.Name);

    private static void AppendTable(StringBuilder html, PlanView view)
    {
        var (stages, fullest) = (view.Main.MemoryByStage, view.Winner.Step.FullestStage);
        int[] shown = [.. new[] { 0, fullest, stages.Count - 1 }.Distinct().Order()];
        html.Append("<div class=\"card\" style=\"margin-top:12px\">").BeginTable(["GiB", .. shown.Select(stage => Name(view, stage)), $"of the {view.Cluster.Gpu.Name}", PlanHtml.Bars]);
        var capacity = view.Cluster.Gpu.Memory.Value;
        foreach (var part in PartsOf(stages))
        {
            html.Append($"<tr><td><i class=\"swatch {PartColours.Of(part)}\"></i>{HtmlPage.Escape(part)}</td>");
            foreach (var stage in shown)
                html.Cell(PlanHtml.F(BytesOf(stages[stage], part) / GiB, "0.00"));
            AppendShare(html, BytesOf(stages[fullest], part) / capacity, part);
            html.Append("</tr>");
        }

        html.Append("<tr class=\"sum\"><td>all</td>");
        foreach (var stage in shown)
            html.Cell(PlanHtml.F(stages[stage].Total / GiB, "0.00"));
        html.Cell(PlanWords.Percent(stages[fullest].Total / capacity)).Append("<td class=\"bar\"></td></tr>").EndTable().Append("</div>");
    }

    private static double BytesOf(in MemoryUse memory, string part) => MemoryParts.Of(memory).First(p => p.Name == part).Bytes;

    private static void AppendShare(StringBuilder html, double share, string part)
    {
        html.Cell(PlanWords.Percent(share)).Append("<td class=\"bar\">");
        StackedBar.Append(html, [new BarPart(share, PartColours.Of(part), part)]);
        html.Append("</td>");
    }

    private static string Name(PlanView view, int stage)
    {
        var layout = view.Layout;
        if (layout.Pp == 1)
            return "every rank";
        var layers = Enumerable.Range(0, layout.VirtualStages)
            .Sum(chunk => StageSplit.Layers(view.Request.Model.NumLayers, layout.Pp * layout.VirtualStages, chunk * layout.Pp + stage));
        return $"stage {stage}, {layers} layers{(stage == view.Winner.Step.FullestStage ? ", fullest" : "")}";
    }

    private static string Tip(string name, double bytes) => $"{name} {PlanWords.Gibibytes(bytes)}";
}
