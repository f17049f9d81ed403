namespace Altiplano.Planning.Mesh;

/// <summary>The degrees that a run file asks for; those left to <c>auto</c> are decided by whoever knows the machines.</summary>
public sealed record MeshSpec
{
    public OrAuto<int> Pp { get; init; } = 1;
    public OrAuto<int> DpReplicate { get; init; } = 1;
    public OrAuto<int> DpShard { get; init; } = 1;
    public OrAuto<int> Cp { get; init; } = 1;
    public OrAuto<int> Tp { get; init; } = 1;
    public OrAuto<int> Ep { get; init; } = 1;

    /// <summary>A spec in which every degree is fixed.</summary>
    public static MeshSpec Of(MeshShape mesh) => new()
    {
        Pp = mesh.Pp, DpReplicate = mesh.DpReplicate, DpShard = mesh.DpShard, Cp = mesh.Cp, Tp = mesh.Tp, Ep = mesh.Ep,
    };

    /// <summary>
    /// The shape on so many ranks. What the other degrees leave goes to dp_shard if that is open, else to dp_replicate; other open
    /// degrees are 1.
    /// </summary>
    /// <param name="ranks">Null for as many as the given degrees make.</param>
    /// <returns>A shape of another size where the given degrees do not divide the ranks.</returns>
    public MeshShape On(int? ranks)
    {
        var given = new MeshShape
        {
            Pp = Pp.Or(1), DpReplicate = DpReplicate.Or(1), DpShard = DpShard.Or(1), Cp = Cp.Or(1), Tp = Tp.Or(1), Ep = Ep.Or(1),
        };
        if (ranks is not { } world || !given.IsCountable || world % given.World != 0)
            return given;
        var left = world / given.World;
        return DpShard.IsAuto ? given with { DpShard = left } : DpReplicate.IsAuto ? given with { DpReplicate = left } : given;
    }
}
