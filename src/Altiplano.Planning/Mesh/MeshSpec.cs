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

    /// <summary>The shape when one process is all there is: every degree left open is 1.</summary>
    public MeshShape OnOneProcess() => new()
    {
        Pp = Pp.Or(1), DpReplicate = DpReplicate.Or(1), DpShard = DpShard.Or(1), Cp = Cp.Or(1), Tp = Tp.Or(1), Ep = Ep.Or(1),
    };

    /// <summary>Every degree that one process cannot give, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblemsOnOneProcess(string path) =>
    [
        .. from axis in new[] { ("pp", Pp), ("dp_replicate", DpReplicate), ("dp_shard", DpShard), ("cp", Cp), ("tp", Tp), ("ep", Ep) }
           let degree = axis.Item2.Or(1)
           where degree != 1
           select $"{path}.{axis.Item1} is {degree}, but the multi-process trainer is not in this build: one process trains. Use 1 or auto.",
    ];
}
