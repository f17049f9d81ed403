using Altiplano.Planning.Mesh;

namespace Altiplano.Training.Tracing;

/// <summary>Ranks in messages, with their coordinates.</summary>
public static class RankName
{
    /// <summary>For example <c>rank 37 (dp_shard 4, tp 5)</c>; axes of one rank are left out.</summary>
    public static string Of(MeshShape mesh, int rank) => mesh.PlaceOf(rank) is { Length: > 0 } place ? $"rank {rank} ({place})" : $"rank {rank}";
}
