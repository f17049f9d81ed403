using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>Where the seconds of a step go: one bar, and the same as a tree.</summary>
internal static class StepSection
{
    public static void Append(StringBuilder html, PlanView view)
    {
        var (total, figures) = (view.StepSeconds, view.Figures);
        html.Heading("Time of a step", $"{PlanWords.Step(total)} on the slowest pipeline rank; MFU {PlanWords.Percent(figures.Mfu.Value)} of {PlanHtml.F(view.Cluster.Gpu.Peak(view.Request.Precision).Value / 1e12, "0")} TFLOP/s dense, causal attention counted as half, HFU {PlanWords.Percent(figures.Hfu.Value)} with recompute");
        var groups = TimeParts.Tree(view.Winner.Step.Time);
        if (PlanWords.WhyHfuDiffers(view.Winner.Layout, figures.Mfu.Value, figures.Hfu.Value) is { } reason)
            html.Append("<p>").Append(reason).Append("</p>");
        html.Append("<div class=\"card big\">");
        StackedBar.Append(html, groups.SelectMany(g => g.Parts).Select(p => new BarPart(p.Seconds / total, PartColours.Of(p.Name), Tip(p.Name, p.Seconds, total))));
        html.BeginTable("part", "time", "of the step", PlanHtml.Bars);
        foreach (var (name, parts) in groups)
            AppendGroup(html, name, [.. parts.Where(p => p.Seconds > 0)], total);
        html.Append("<tr class=\"sum\"><td>step</td>").Cell(PlanWords.Step(total)).Cell("100 %").Append("<td class=\"bar\"></td></tr>");
        html.EndTable().Append("</div>");
        AppendLinks(html, view);
    }

    private static void AppendGroup(StringBuilder html, string name, (string Name, double Seconds)[] parts, double total)
    {
        if (parts.Length == 0)
            return;
        var isLeaf = parts is [var only] && only.Name == name;
        if (!isLeaf)
            AppendRow(html, "sum", HtmlPage.Escape(name), parts.Sum(p => p.Seconds), total, parts);
        foreach (var part in parts)
            AppendRow(html, isLeaf ? "sum" : "child", $"<i class=\"swatch {PartColours.Of(part.Name)}\"></i>{HtmlPage.Escape(part.Name)}", part.Seconds, total, [part]);
    }

    private static void AppendRow(StringBuilder html, string kind, string name, double seconds, double total, (string Name, double Seconds)[] parts)
    {
        html.Append($"<tr class=\"{kind}\"><td>{name}</td>").Cell(PlanWords.Step(seconds)).Cell(PlanWords.Percent(seconds / total)).Append("<td class=\"bar\">");
        StackedBar.Append(html, parts.Select(p => new BarPart(p.Seconds / total, PartColours.Of(p.Name), Tip(p.Name, p.Seconds, total))));
        html.Append("</td></tr>");
    }

    private static void AppendLinks(StringBuilder html, PlanView view)
    {
        var (step, total, cluster) = (view.Winner.Step, view.StepSeconds, view.Cluster);
        html.Append("<div class=\"card\">").BeginTable("what a GPU moves in a step", "amount", "rate of", "busy");
        Row("matrix products and attention", $"{PlanHtml.F(step.MatrixFlopsPerGpu / 1e12, "N0")} TFLOP", $"{PlanHtml.F(cluster.Gpu.Peak(view.Request.Precision).Value / 1e12, "0")} TFLOP/s", step.MatrixFlopsPerGpu / cluster.Gpu.Peak(view.Request.Precision).Value);
        Row("device memory", Gigabytes(step.MemoryTrafficPerGpu), $"{cluster.Gpu.MemoryBandwidth}", step.MemoryTrafficPerGpu / cluster.Gpu.MemoryBandwidth.Value);
        Row("NVLink", Gigabytes(step.NvlinkBytesPerGpu), $"{cluster.Server.NvlinkBandwidth}", step.NvlinkBytesPerGpu / cluster.Server.NvlinkBandwidth.Value);
        Row($"network ({NameOf(cluster.Network.Kind)})", Gigabytes(step.NetworkBytesPerGpu), $"{cluster.Network.BandwidthPerGpu}", step.NetworkBytesPerGpu / cluster.Network.BandwidthPerGpu.Value);
        html.EndTable().Append("</div>");

        void Row(string name, string amount, string rate, double seconds) => html.Append("<tr>").Cell(name).Cell(amount).Cell(rate).Cell(PlanWords.Percent(seconds / total)).Append("</tr>");
    }

    private static string NameOf(FabricKind kind) => kind switch
    {
        FabricKind.Roce => "RoCE",
        FabricKind.OmniPath => "Omni-Path",
        FabricKind.Efa => "EFA",
        _ => kind.ToString(),
    };

    private static string Gigabytes(double bytes) => $"{PlanHtml.F(bytes / 1e9, bytes < 1e10 ? "0.00" : "N0")} GB";

    private static string Tip(string name, double seconds, double total) => $"{name} {PlanWords.Step(seconds)}, {PlanWords.Percent(seconds / total)}";
}
