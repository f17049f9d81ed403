using System.Text;
using Altiplano.Cli.Pages;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans.Page;

/// <summary>The mesh from one GPU to all, axis after axis, over the servers, racks and pods that each reaches.</summary>
internal static class LayoutSection
{
    private const int Width = 1080, Left = 4, AxisTop = 8, AxisHeight = 46, TierTop = 84, TierHeight = 26;

    private sealed record Axis(string Name, int Degree, string Colour, string Sends);

    public static void Append(StringBuilder html, PlanView view)
    {
        html.Heading("Layout", "ranks are placed tp, cp, dp_shard, dp_replicate, pp outward; the width of an axis is the logarithm of its degree");
        html.Append("<section class=\"charts\">").Figure("Mesh axes and how far they reach", "GPUs, log scale", Draw(view), isWide: true).Append("</section>");
        html.Append("<div class=\"card\" style=\"margin-top:12px\">").BeginTable("axis", "degree", "<reaches over", "<what it sends");
        var tiers = NetworkTiers.Of(view.Request, view.Layout);
        foreach (var axis in Axes(view.Layout).Append(Expert(view.Layout)).Where(a => a.Degree > 1))
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

    private static string Draw(PlanView view)
    {
        var layout = view.Layout;
        var tiers = TiersOf(view);
        var end = Math.Log2(Math.Max(2, Math.Max(layout.World, tiers[^1].Gpus)));
        var hasExperts = layout.Ep > 1;
        var tierTop = TierTop + (hasExperts ? 34 : 0);
        var svg = Svg.Begin(Width, tierTop + TierHeight * tiers.Count + 4, $"mesh {layout.Mesh}");
        AppendTiers(svg, tiers, tierTop, end);
        var start = 1L;
        foreach (var axis in Axes(layout).Where(a => a.Degree > 1))
        {
            Segment(svg, axis, start, AxisTop, end);
            start *= axis.Degree;
        }

        if (hasExperts)
            Segment(svg, Expert(layout), layout.Tp, AxisTop + AxisHeight + 28, end, AxisHeight - 16);
        svg.Text("below", X(start, end), AxisTop + AxisHeight + 17, $"{layout.World:N0} ranks", X(start, end) > Width / 4 ? "end" : "start");
        return Svg.End(svg);
    }

    private static void Segment(StringBuilder svg, Axis axis, long start, double y, double end, double height = AxisHeight)
    {
        var (from, to) = (X(start, end), X(start * axis.Degree, end));
        var label = $"{axis.Name} {axis.Degree}";
        svg.Box($"fill {axis.Colour}", from, y, to - from, height, $"{label}: {axis.Sends}", 5);
        var isWide = to - from > 9 * label.Length;
        svg.Text("inside", (from + to) / 2, y + height / 2 + (isWide ? 5 : -2), isWide ? label : axis.Name, "middle");
        if (!isWide)
            svg.Text("inside", (from + to) / 2, y + height / 2 + 15, $"{axis.Degree}", "middle");
    }

    private static void AppendTiers(StringBuilder svg, List<(string Name, long Gpus)> tiers, double top, double end)
    {
        for (var i = 0; i < tiers.Count; i++)
            svg.Line("edge", X(tiers[i].Gpus, end), AxisTop - 4, X(tiers[i].Gpus, end), top + TierHeight * (i + 1) - 4);
        for (var i = 0; i < tiers.Count; i++)
        {
            var (x, y) = (X(tiers[i].Gpus, end), top + TierHeight * i);
            svg.Box("tier", Left, y, x - Left, TierHeight - 4, $"{tiers[i].Name}: {tiers[i].Gpus:N0} GPUs", 4);
            var text = $"{tiers[i].Name}, {tiers[i].Gpus:N0} GPUs";
            var isInside = x - Left > 7.5 * text.Length;
            svg.Text(isInside ? "soft" : "soft halo", isInside ? x - 8 : x + 8, y + 15, text, isInside ? "end" : "start");
        }
    }

    /// <summary>Servers and levels of switches, those that are no larger than the level before left out.</summary>
    private static List<(string Name, long Gpus)> TiersOf(PlanView view)
    {
        var tiers = new List<(string, long)> { ($"{view.Cluster.Server.Name} (NVLink)", view.Cluster.Server.GpusPerServer) };
        foreach (var tier in view.Cluster.Network.Tiers.Where(t => t.Gpus > view.Cluster.Server.GpusPerServer))
            tiers.Add(($"{tier.Name}{(tier.Oversubscription > 1 ? $" 1:{PlanHtml.F(tier.Oversubscription, "0.##")}" : "")}", tier.Gpus));
        return tiers;
    }

    private static double X(long gpus, double end) => Left + Math.Log2(gpus) / end * (Width - 2 * Left);
}
