using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>A block of parameters that is used at a time.</summary>
public enum BlockKind
{
    Embedding,
    Layer,
    Head,
}

/// <summary>A flat buffer: the parameters of one block on one rank that are decayed alike.</summary>
/// <param name="Length">Elements of this rank's slices, before they are spread over dp_shard x cp.</param>
/// <param name="IsNorm">True for norms, which every tp rank applies to rows of its own.</param>
public readonly record struct FlatGroup(BlockKind Block, long Length, bool IsNorm)
{
    /// <summary>Elements of each of the parts; the last is filled up.</summary>
    public long PartLength(int parts) => (Length + parts - 1) / parts;

    /// <summary>Elements with the filling.</summary>
    public long PaddedLength(int parts) => PartLength(parts) * parts;
}

/// <summary>The flat buffers of a rank.</summary>
public static class FlatGroups
{
    /// <summary>A decoder layer's: matrices, then norms.</summary>
    public static IReadOnlyList<FlatGroup> OfLayer(StepShape shape) =>
    [
        new(BlockKind.Layer, shape.D * (shape.QkvWidth + shape.OutputWidth + 3 * shape.F), IsNorm: false),
        new(BlockKind.Layer, 2 * shape.D, IsNorm: true),
    ];

    public static FlatGroup Embedding(StepShape shape) => new(BlockKind.Embedding, shape.V * shape.D, IsNorm: false);

    /// <summary>What the head reads: the final norm, and its matrix or the embedding in its place.</summary>
    public static IReadOnlyList<FlatGroup> OfHead(StepShape shape) =>
    [
        new(BlockKind.Head, shape.D, IsNorm: true),
        shape.Model.TieWordEmbeddings ? Embedding(shape) : new(BlockKind.Head, shape.V * shape.D, IsNorm: false),
    ];

    /// <summary>Every buffer of the rank once; a tied embedding of a chunk that is first and last too.</summary>
    public static IReadOnlyList<FlatGroup> OfRank(StepShape shape)
    {
        var groups = new List<FlatGroup>();
        foreach (var chunk in shape.Chunks)
        {
            if (chunk.IsFirst)
                groups.Add(Embedding(shape));
            for (var layer = 0; layer < chunk.NumLayers; layer++)
                groups.AddRange(OfLayer(shape));
            if (chunk.IsLast)
                groups.AddRange(OfHead(shape).Where(group => !(chunk.IsFirst && group.Block == BlockKind.Embedding)));
        }

        return groups;
    }
}
