using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Which level of the network each axis of a layout reaches, ranks being placed tp, cp, dp_shard, dp_replicate, pp outward.</summary>
public static class NetworkTiers
{
    /// <summary>Every axis of more than one rank with the outermost tier that its traffic climbs.</summary>
    public static IReadOnlyList<(string Axis, string Tier)> Of(PlanRequest request, in Layout layout)
    {
        var (tp, cp, shard) = ((long)layout.Tp, (long)layout.Tp * layout.Cp, (long)layout.Tp * layout.Cp * layout.DpShard);
        var axes = new (string Axis, int Degree, long Span)[]
        {
            ("tp", layout.Tp, tp), ("cp", layout.Cp, cp), ("ep", layout.Ep, tp * layout.Ep), ("dp_shard", layout.DpShard, shard),
            ("dp_replicate", layout.DpReplicate, shard * layout.DpReplicate), ("pp", layout.Pp, layout.World),
        };
        return [.. axes.Where(a => a.Degree > 1).Select(a => (a.Axis, Tier(request, a.Span)))];
    }

    /// <summary>A part of a step's time with the tier on which it waits, where it is communication.</summary>
    internal static string Qualify(PlanRequest request, in Layout layout, string part)
    {
        var axes = Of(request, layout);
        string[] names = part switch
        {
            "tensor parallel" => ["tp"],
            "context parallel" => ["cp"],
            "expert parallel" => ["ep"],
            "data parallel" => ["dp_replicate", "dp_shard", "cp"],
            "pipeline transfers" => ["pp"],
            _ => [],
        };
        var tier = names.SelectMany(name => axes.Where(a => a.Axis == name)).Select(a => a.Tier).FirstOrDefault();
        return tier is null ? part : $"{part} over {tier}";
    }

    /// <summary>The innermost level that holds so many neighbouring GPUs.</summary>
    private static string Tier(PlanRequest request, long span) => span <= request.Cluster.Server.GpusPerServer
        ? "NVLink"
        : request.Cluster.Network.Tiers.FirstOrDefault(t => t.Gpus >= span)?.Name ?? request.Cluster.Network.Tiers[^1].Name;
}
