namespace Altiplano.Planning.Mesh;

/// <summary>How a tensor lies on the tp axis: a copy on each rank, or one dim cut into as many parts as there are ranks.</summary>
/// <param name="Dim">The dim that is cut; null where each rank has all of it.</param>
public readonly record struct Placement(int? Dim)
{
    public static Placement Replicated => default;

    public static Placement Split(int dim) => new(dim);
}
