using System.Collections.Immutable;
using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Mesh;

/// <summary>Elements that follow each other in a slice and in the whole tensor alike, by their row-major numbers.</summary>
public readonly record struct ElementRun(long InSlice, long InWhole, long Count);

/// <summary>The box of a parameter that one rank of the tp axis has.</summary>
/// <param name="Start">First index along each dim.</param>
/// <param name="Shape">Indices along each dim.</param>
public sealed record ParameterSlice(ParameterSpec Parameter, ImmutableArray<long> Start, ImmutableArray<long> Shape)
{
    public long NumElements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>What the table of layouts gives a rank; where the ranks do not divide a dim, parts differ by one.</summary>
    /// <param name="rank">On the tp axis.</param>
    /// <param name="degree">Of the tp axis.</param>
    public static ParameterSlice Of(ParameterSpec parameter, int rank, int degree)
    {
        var whole = new ParameterSlice(parameter, [.. parameter.Shape.Select(_ => 0L)], parameter.Shape);
        if (ParameterLayout.Of(parameter).Placement.Dim is not { } dim)
            return whole;
        var (start, count) = Part(parameter.Shape[dim], rank, degree);
        return whole with { Start = whole.Start.SetItem(dim, start), Shape = whole.Shape.SetItem(dim, count) };
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
        var (width, wholeWidth) = (Shape[^1], Parameter.Shape[^1]);
        if (width == wholeWidth)
        {
            if (count > 0)
                yield return new ElementRun(first, Start[0] * (Shape.Length == 1 ? 1 : wholeWidth) + first, count);
            yield break;
        }

        for (var element = first; element < first + count;)
        {
            var (row, column) = (element / width, element % width);
            var run = Math.Min(width - column, first + count - element);
            yield return new ElementRun(element, (Start[0] + row) * wholeWidth + Start[1] + column, run);
            element += run;
        }
    }
}
