namespace Altiplano.Planning.Mesh;

/// <summary>
/// How many ranks lie along each axis of the mesh, outer to inner; <see cref="Ep"/> is carved out of dp_shard x cp.
/// </summary>
public sealed record MeshShape
{
    public int Pp { get; init; } = 1;
    public int DpReplicate { get; init; } = 1;
    public int DpShard { get; init; } = 1;
    public int Cp { get; init; } = 1;
    public int Tp { get; init; } = 1;
    public int Ep { get; init; } = 1;

    /// <summary>All ranks: the product of every degree but <see cref="Ep"/>.</summary>
    public int World => Pp * DpReplicate * DpShard * Cp * Tp;

    /// <summary>False where <see cref="World"/> would be beyond any machine, and any integer.</summary>
    public bool IsCountable => (double)Pp * DpReplicate * DpShard * Cp * Tp <= int.MaxValue;

    /// <summary>The degrees whose product is <see cref="World"/>, as in <c>pp 2 x dp_replicate 1 x dp_shard 4 x cp 1 x tp 2</c>.</summary>
    public string Product => $"pp {Pp} x dp_replicate {DpReplicate} x dp_shard {DpShard} x cp {Cp} x tp {Tp}";

    /// <summary>The axes of more than one rank with a rank's place on each, as in <c>pp 1, tp 0</c>; empty where there are none.</summary>
    public string PlaceOf(int rank)
    {
        var (stride, places) = (1, new List<string>());
        foreach (var (axis, degree) in Degrees().Reverse().Where(axis => axis.Axis != "ep" && axis.Degree > 1))
        {
            places.Insert(0, $"{axis} {rank / stride % degree}");
            stride *= degree;
        }

        return string.Join(", ", places);
    }

    /// <summary>Every reason why no set of ranks has this shape, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        foreach (var (axis, degree) in Degrees())
        {
            if (degree < 1)
                problems.Add($"{path}.{axis} is {degree}, but an axis has 1 rank or more.");
        }

        if (problems.Count == 0 && DpShard * Cp % Ep != 0)
        {
            problems.Add($"{path}.ep is {Ep}, but it must divide dp_shard x cp = {DpShard} x {Cp} = {DpShard * Cp}, " +
                "out of which it is carved.");
        }

        return problems;
    }

    /// <summary>
    /// The identity that every layout obeys, for example <c>world 16 = pp 2 x dp_replicate 1 x dp_shard 4 x cp 1 x tp 2</c>.
    /// </summary>
    public override string ToString() =>
        $"world {World} = {Product}" + (Ep == 1 ? "" : $", ep {Ep} of dp_shard x cp");

    private (string Axis, int Degree)[] Degrees() =>
        [("pp", Pp), ("dp_replicate", DpReplicate), ("dp_shard", DpShard), ("cp", Cp), ("tp", Tp), ("ep", Ep)];
}
