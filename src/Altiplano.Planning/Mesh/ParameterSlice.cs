using System.Collections.Immutable;
using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Mesh;

/// <summary>Elements that follow each other in a slice and in the whole tensor alike, by their row-major numbers.</summary>
public readonly record struct ElementRun(long InSlice, long InWhole, long Count);

/// <summary>The part of a parameter that one rank of the axes tp and ep has: a box, or the same box of each of some blocks.</summary>
/// <param name="Start">First index along each dim; along one that is cut in blocks, within each block.</param>
/// <param name="Shape">Indices along each dim.</param>
public sealed record ParameterSlice(ParameterSpec Parameter, ImmutableArray<long> Start, ImmutableArray<long> Shape)
{
    public long NumElements => Product(Shape.AsSpan());

    /// <summary>What the table of layouts gives a rank; where the ranks do not divide a dim, parts differ by one.</summary>
    /// <param name="rank">On the tp axis.</param>
    /// <param name="degree">Of the tp axis.</param>
    /// <param name="expertRank">On the ep axis.</param>
    /// <param name="expertDegree">Of the ep axis.</param>
    public static ParameterSlice Of(ParameterSpec parameter, int rank, int degree, int expertRank = 0, int expertDegree = 1)
    {
        var layout = ParameterLayout.Of(parameter);
        return new ParameterSlice(parameter, [.. parameter.Shape.Select(_ => 0L)], parameter.Shape)
            .Cut(layout.Placement, rank, degree).Cut(layout.OverExperts, expertRank, expertDegree);
    }

    /// <summary>The part of a range of indices that belongs to a rank.</summary>
    public static (long Start, long Count) Part(long size, int rank, int degree)
    {
        var start = size * rank / degree;
        return (start, size * (rank + 1) / degree - start);
    }

    /// <summary>Where the <paramref name="count"/> elements of the slice from <paramref name="first"/> on lie in the whole tensor.</summary>
    public IEnumerable<ElementRun> Runs(long first, long count)
    {
        var cut = LastCut();
        var length = Product(Shape.AsSpan()[cut..]) / BlocksOf(cut);
        for (var element = first; element < first + count;)
        {
            var (run, inRun) = Math.DivRem(element, length);
            var rest = Math.Min(length - inRun, first + count - element);
            yield return new ElementRun(element, StartOf(run, cut) + inRun, rest);
            element += rest;
        }
    }

    private ParameterSlice Cut(Placement placement, int rank, int degree)
    {
        if (placement.Dim is not { } dim)
            return this;
        var (start, count) = Part(Parameter.Shape[dim] / placement.Blocks, rank, degree);
        return this with { Start = Start.SetItem(dim, start), Shape = Shape.SetItem(dim, count * placement.Blocks) };
    }

    /// <summary>The last dim of which the slice has a part; the first where it has all.</summary>
    private int LastCut()
    {
        var dim = Shape.Length - 1;
        while (dim > 0 && Shape[dim] == Parameter.Shape[dim])
            dim--;
        return dim;
    }

    private int BlocksOf(int dim)
    {
        var placement = ParameterLayout.Of(Parameter).Placement;
        return placement.Dim == dim ? placement.Blocks : 1;
    }

    /// <summary>First element, in the whole tensor, of the run-th run of elements that follow each other.</summary>
    private long StartOf(long run, int cut)
    {
        var blocks = BlocksOf(cut);
        var (outer, block) = Math.DivRem(run, blocks);
        var index = block * (Parameter.Shape[cut] / blocks) + Start[cut];
        var stride = Product(Parameter.Shape.AsSpan()[(cut + 1)..]);
        var start = index * stride;
        for (var dim = cut - 1; dim >= 0; dim--)
        {
            stride *= Parameter.Shape[dim + 1];
            (outer, var inDim) = Math.DivRem(outer, Shape[dim]);
            start += (Start[dim] + inDim) * stride;
        }

        return start;
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        var product = 1L;
        foreach (var size in sizes)
            product *= size;
        return product;
    }
}
