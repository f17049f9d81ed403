namespace Altiplano.Planning.Mesh;

/// <summary>How a tensor lies on an axis: a copy on each rank, or one dim cut into as many parts as there are ranks.</summary>
/// <param name="Dim">The dim that is cut; null where each rank has all of it.</param>
/// <param name="Blocks">Equal blocks that the dim consists of; each is cut, and a rank has its part of every one.</param>
public readonly record struct Placement(int? Dim, int Blocks)
{
    public static Placement Replicated => new(null, 1);

    public static Placement Split(int dim) => new(dim, 1);

    /// <summary>Cuts each of some equal blocks, for example gate and up side by side.</summary>
    public static Placement SplitBlocks(int dim, int blocks) => new(dim, blocks);
}
