using Altiplano.Planning.Mesh;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>One way to spread the toy run over ranks.</summary>
/// <param name="Zero">What is sharded over dp_shard, see <see cref="Sharding.ZeroStage"/>.</param>
public sealed record TrialLayout(MeshShape Mesh, int Zero)
{
    /// <summary>The run of one process, which all others are compared with.</summary>
    public static TrialLayout Serial { get; } = new(new MeshShape(), 0);

    /// <summary>Every layout of 2 to so many ranks with degrees that are powers of two; ZeRO's stages each where dp_shard is above 1.</summary>
    public static IReadOnlyList<TrialLayout> Grid(int maxRanks)
    {
        var degrees = new[] { 1, 2, 4, 8 };
        var meshes =
            from replicate in degrees
            from shard in degrees
            from tp in degrees
            let mesh = new MeshShape { DpReplicate = replicate, DpShard = shard, Tp = tp }
            where mesh.World > 1 && mesh.World <= maxRanks && tp <= TrialSpec.MaxTp && replicate * shard <= TrialSpec.SequencesPerStep
            orderby mesh.World, tp, shard
            select mesh;
        return [.. meshes.SelectMany(mesh => Enumerable.Range(0, mesh.DpShard > 1 ? 4 : 1).Select(zero => new TrialLayout(mesh, zero)))];
    }

    /// <summary>The axes with more than one rank, as in <c>dp_shard 2 x tp 2, zero 3</c>.</summary>
    public override string ToString()
    {
        var axes = new[] { ("dp_replicate", Mesh.DpReplicate), ("dp_shard", Mesh.DpShard), ("tp", Mesh.Tp) };
        var named = axes.Where(axis => axis.Item2 > 1).Select(axis => $"{axis.Item1} {axis.Item2}").ToList();
        return (named.Count == 0 ? "serial" : string.Join(" x ", named)) + (Mesh.DpShard > 1 ? $", zero {Zero}" : "");
    }
}
