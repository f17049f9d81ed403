using System.Collections.Immutable;

namespace Altiplano.Training.Checkpoints;

/// <summary>Name, element type and shape of one stored tensor.</summary>
/// <param name="Name">Hugging Face's key, or the file format's own name below that level.</param>
/// <param name="Shape">Sizes in elements, outermost first.</param>
public sealed record WeightInfo(string Name, WeightType Type, ImmutableArray<long> Shape)
{
    public long NumElements => Shape.Aggregate(1L, (product, size) => checked(product * size));

    public long NumBytes => Type.ByteCount(NumElements);

    /// <summary>The shape as people write it: <c>[512, 64]</c>.</summary>
    public string ShapeText => FormatShape(Shape);

    internal static string FormatShape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
