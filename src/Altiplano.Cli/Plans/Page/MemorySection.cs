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
    private const int Width = 1080, Height = 330, MostRows = 6;

    public static void Append(StringBuilder html, PlanView view)
    {
        var stages = view.Main.MemoryByStage;
        var (fullest, capacity) = (stages[view.Winner.Step.FullestStage], view.Cluster.Gpu.Memory.Value);
        var percent = PlanWords.Percent(fullest.Total / capacity);
        html.Heading("Memory", $"the fullest rank takes {PlanWords.Gibibytes(fullest.Total)}, {percent} of the {PlanWords.Gibibytes(capacity)} of the {view.Cluster.Gpu.Name}");
        if (stages.Count <= MostRows)
            AppendRows(html, view, capacity);
        else
            html.Append("<section class=\"charts\">").Figure("Memory of a rank by pipeline stage", "GiB", Draw(view, capacity), Legend(stages), isWide: true).Append("</section>");
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

    private static string Draw(PlanView view, double capacity)
    {
        var stages = view.Main.MemoryByStage;
        var frame = new PlotFrame(0, stages.Count, 0, Math.Max(capacity, stages.Max(s => s.Total)) / GiB * 1.08, Width, Height);
        var svg = Svg.Begin(Width, Height, "memory by pipeline stage");
        frame.Rows(svg).Columns(svg, Marks(stages.Count), "pipeline stage; the dashed line is what the GPU has");
        var step = frame.PlotWidth / stages.Count;
        for (var stage = 0; stage < stages.Count; stage++)
            AppendColumn(svg, frame, stages[stage], frame.X(stage) + step * 0.07, step * 0.86, $"stage {stage}");
        svg.Line("limit", frame.Left, frame.Y(capacity / GiB), frame.PlotRight, frame.Y(capacity / GiB));
        return Svg.End(svg);
    }

    private static void AppendColumn(StringBuilder svg, PlotFrame frame, in MemoryUse memory, double x, double width, string name)
    {
        var below = 0.0;
        foreach (var (part, bytes) in MemoryParts.Of(memory).Where(p => p.Bytes > 0))
        {
            var y = frame.Y((below + bytes) / GiB);
            svg.Box($"fill {PartColours.Of(part)}", x, y, width, frame.Y(below / GiB) - y, $"{name}, {Tip(part, bytes)}\nall {PlanWords.Gibibytes(memory.Total)}");
            below += bytes;
        }
    }

    private static IEnumerable<(double, string)> Marks(int stages)
    {
        var every = (stages + 31) / 32;
        return Enumerable.Range(0, stages).Where(i => i % every == 0).Select(i => (i + 0.5, $"{i}"));
    }

    private static string Legend(IReadOnlyList<MemoryUse> stages) => string.Concat(
        PartsOf(stages).Select(name => PlanHtml.Key(PartColours.Of(name), name)).Append(
            "<span><b style=\"color:var(--warn)\">┆</b> the GPU's memory</span>"));

    private static IEnumerable<string> PartsOf(IReadOnlyList<MemoryUse> stages) =>
        MemoryParts.Of(default).Select((part, i) => (part.Name, i)).Where(p => stages.Any(s => MemoryParts.Of(s)[p.i].Bytes > 0)).Select(p => p.Name);

    private static void AppendTable(StringBuilder html, PlanView view)
    {
        var (stages, fullest) = (view.Main.MemoryByStage, view.Winner.Step.FullestStage);
        int[] shown = [.. new[] { 0, fullest, stages.Count - 1 }.Distinct().Order()];
        html.Append("<div class=\"card\" style=\"margin-top:12px\">").BeginTable(["GiB", .. shown.Select(stage => Name(view, stage)), $"of the {view.Cluster.Gpu.Name}", "<"]);
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
        html.Cell(PlanWords.Percent(stages[fullest].Total / capacity)).Append("<td></td></tr>").EndTable().Append("</div>");
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
