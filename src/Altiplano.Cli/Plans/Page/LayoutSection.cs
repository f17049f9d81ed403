using System.Text;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>The mesh from one GPU to all, axis after axis, over the servers, racks and pods that each reaches.</summary>
internal static class LayoutSection
{
    /// <summary>Tiers that fill more than this share of the picture have their name inside.</summary>
    private const double RoomForName = 0.5;

    /// <summary>Axes that fill less have their name in small letters.</summary>
    private const double RoomForAxis = 0.11;

    private sealed record Axis(string Name, int Degree, string Colour, string Sends);

    public static void Append(StringBuilder html, PlanView view)
    {
        var layout = view.Layout;
        html.Heading("Layout", $"{layout.World:N0} ranks, placed tp, cp, dp_shard, dp_replicate, pp outward; widths are logarithms");
        html.Append("<div class=\"card\">");
        AppendPicture(html, view);
        html.BeginTable("axis", "degree", "<reaches over", "<what it sends");
        var tiers = NetworkTiers.Of(view.Request, layout);
        foreach (var axis in Axes(layout).Append(Expert(layout)).Where(a => a.Degree > 1))
        {
            html.Append($"<tr><td><i class=\"swatch {axis.Colour}\"></i>{axis.Name}</td>").Cell($"{axis.Degree:N0}");
            html.Cell(tiers.FirstOrDefault(t => t.Axis == axis.Name).Tier ?? "", "l").Cell(axis.Sends, "wrap").Append("</tr>");
        }

        html.EndTable().Append("</div>");
    }

    private static IEnumerable<Axis> Axes(Layout layout) =>
    [
        new("tp", layout.Tp, "c-rust", layout.HasSequenceParallel ? "gathers and scatters the residual stream, four times a layer and pass" : "adds up activations, twice a layer and pass"),
        new("cp", layout.Cp, "c-amber", layout.CpMethod == ContextParallelMethod.Ring ? "passes keys and values around a ring" : "gathers keys and values of the sequence"),
        new("dp_shard", layout.DpShard, "c-blue", Sharded(layout.ZeroStage)),
        new("dp_replicate", layout.DpReplicate, "c-sky", "adds up gradients between replicas, once a step"),
        new("pp", layout.Pp, "c-green", $"passes activations from stage to stage, {LayoutText.Name(layout.Schedule)}{(layout.VirtualStages > 1 ? $" with {layout.VirtualStages} chunks a rank" : "")}"),
    ];

    private static Axis Expert(Layout layout) => new("ep", layout.Ep, "c-purple", "sends tokens to their experts and back, twice a mixture layer and pass");

    private static string Sharded(int zero) => zero switch
    {
        0 => "adds up gradients, once a step",
        1 => "scatters gradients and gathers parameters, once a step; the optimizer's state is split",
        2 => "scatters gradients and gathers parameters; gradients and the optimizer's state are split",
        _ => "gathers each layer's parameters when they are needed; all state is split",
    };

    private static void AppendPicture(StringBuilder html, PlanView view)
    {
        var (layout, tiers) = (view.Layout, TiersOf(view));
        var end = Math.Log2(Math.Max(2, Math.Max(layout.World, tiers[^1].Gpus)));
        html.Append("<div class=\"mesh\">");
        foreach (var (_, gpus) in tiers)
            html.Append($"<u style=\"left:{Place(gpus, end)}\"></u>");
        html.Append("<div class=\"axes\">");
        var start = 1L;
        foreach (var axis in Axes(layout).Where(a => a.Degree > 1))
        {
            AppendAxis(html, axis, start, end);
            start *= axis.Degree;
        }

        html.Append("</div>");
        if (layout.Ep > 1)
        {
            html.Append("<div class=\"axes low\">");
            AppendAxis(html, Expert(layout), layout.Tp, end);
            html.Append("</div>");
        }

        foreach (var (name, gpus) in tiers)
            AppendTier(html, name, gpus, end);
        html.Append("</div>");
    }

    private static void AppendAxis(StringBuilder html, Axis axis, long start, double end) => html
        .Append($"<div class=\"{axis.Colour}{(Math.Log2(axis.Degree) / end < RoomForAxis ? " slim" : "")}\" style=\"left:{Place(start, end)};width:{Place(axis.Degree, end)}\" title=\"{axis.Name} {axis.Degree}: {HtmlPage.Escape(axis.Sends)}\">")
        .Append($"<span><em>{axis.Name.Replace("_", "_<wbr/>", StringComparison.Ordinal)}</em> <b>{axis.Degree}</b></span></div>");

    private static void AppendTier(StringBuilder html, string name, long gpus, double end)
    {
        var isInside = Math.Log2(gpus) / end > RoomForName;
        html.Append($"<div class=\"tier\"><div style=\"width:{Place(gpus, end)}\"></div>");
        html.Append($"<span style=\"{(isInside ? $"right:calc(100% - {Place(gpus, end)} + 8px)" : $"left:calc({Place(gpus, end)} + 8px)")}\">{HtmlPage.Escape(name)}, {gpus:N0} GPUs</span></div>");
    }

    /// <summary>Servers and levels of switches, those that are no larger than the level before left out.</summary>
    private static List<(string Name, long Gpus)> TiersOf(PlanView view)
    {
        var tiers = new List<(string, long)> { ($"{view.Cluster.Server.Name} (NVLink)", view.Cluster.Server.GpusPerServer) };
        foreach (var tier in view.Cluster.Network.Tiers.Where(t => t.Gpus > view.Cluster.Server.GpusPerServer))
            tiers.Add(($"{tier.Name}{(tier.Oversubscription > 1 ? $" 1:{PlanHtml.F(tier.Oversubscription, "0.##")}" : "")}", tier.Gpus));
        return tiers;
    }

    /// <summary>A number of GPUs as a share of the width, logarithmic.</summary>
    private static string Place(long gpus, double end) => PlanHtml.F(Math.Log2(gpus) / end, "0.###%");
}
