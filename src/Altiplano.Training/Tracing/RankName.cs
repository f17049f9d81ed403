using Altiplano.Planning.Mesh;

namespace Altiplano.Training.Tracing;

/// <summary>Ranks in messages, with their coordinates.</summary>
public static class RankName
{
    /// <summary>For example <c>rank 37 (dp_shard 4, tp 5)</c>; axes of one rank are left out.</summary>
    public static string Of(MeshShape mesh, int rank)
    {
        var coordinates = Coordinates(mesh, rank).Where(axis => axis.Degree > 1).Select(axis => $"{axis.Axis} {axis.Place}").ToList();
        return coordinates.Count == 0 ? $"rank {rank}" : $"rank {rank} ({string.Join(", ", coordinates)})";
    }

    /// <summary>A rank's place on each axis, outer to inner.</summary>
    public static IReadOnlyList<(string Axis, int Place, int Degree)> Coordinates(MeshShape mesh, int rank)
    {
        var places = new List<(string, int, int)>();
        var rest = rank;
        foreach (var (axis, degree) in new[]
        {
            ("tp", mesh.Tp), ("cp", mesh.Cp), ("dp_shard", mesh.DpShard), ("dp_replicate", mesh.DpReplicate), ("pp", mesh.Pp),
        })
        {
            places.Insert(0, (axis, rest % degree, degree));
            rest /= degree;
        }

        return places;
    }
}
