using System.Collections.Immutable;

namespace Altiplano.Training.Checkpoints;

/// <summary>A part of a tensor: a box of it, then a row-major range of that box's elements.</summary>
/// <param name="Whole">The tensor that it is a part of.</param>
/// <param name="Start">First index of the box along each dim.</param>
/// <param name="Shape">Indices of the box along each dim.</param>
/// <param name="First">First element of the range, inside the box.</param>
/// <param name="Count">Elements of the range.</param>
public sealed record TensorSlice(WeightInfo Whole, ImmutableArray<long> Start, ImmutableArray<long> Shape, long First, long Count)
{
    /// <summary>
    /// The dims that the box is cut from: those of the tensor, unless one of them is cut in equal blocks, each of them alike; then it is two,
    /// the number of blocks and the size of one.
    /// </summary>
    public ImmutableArray<long> Dims { get; init; } = Whole.Shape;

    /// <summary>What lies in a file: a tensor of the box's shape where the range is all of it, else a vector.</summary>
    public WeightInfo Stored => new(
        Whole.Name, Whole.Type, Dims.SequenceEqual(Whole.Shape) && First == 0 && Count == Product(Shape, 0) ? Shape : [Count]);

    public long NumBytes => Whole.Type.ByteCount(Count);

    /// <summary>All of a tensor.</summary>
    public static TensorSlice All(WeightInfo tensor) =>
        new(tensor, [.. tensor.Shape.Select(_ => 0L)], tensor.Shape, 0, tensor.NumElements);

    /// <summary>What the slice has of a range of the whole tensor's elements, in runs that lie together in both.</summary>
    public IEnumerable<(long InWhole, long InSlice, long Count)> Overlap(long first, long count)
    {
        if (count == 0 || Count == 0)
            yield break;
        // Dims inside of the innermost one that is cut lie together, and so does the box's part of it.
        var cut = CutDim();
        var inner = Product(Dims, cut + 1);
        var (wholeBlock, boxBlock, offset) = (Dims[cut] * inner, Shape[cut] * inner, Start[cut] * inner);
        for (var block = first / wholeBlock; block * wholeBlock < first + count; block++)
        {
            if (BlockInBox(block, cut) is not { } blockInBox)
                continue;
            var start = block * wholeBlock + offset;
            var toSlice = blockInBox * boxBlock - First - start;
            var from = Math.Max(Math.Max(first, start), -toSlice);
            var end = Math.Min(Math.Min(first + count, start + boxBlock), Count - toSlice);
            if (from < end)
                yield return (from, from + toSlice, end - from);
        }
    }

    private int CutDim()
    {
        var dim = Shape.Length - 1;
        while (dim > 0 && Shape[dim] == Dims[dim])
            dim--;
        return dim;
    }

    /// <summary>Number inside the box of what is one index along each dim before <paramref name="cut"/>; null outside.</summary>
    private long? BlockInBox(long block, int cut)
    {
        var (inBox, stride) = (0L, 1L);
        for (var dim = cut - 1; dim >= 0; dim--)
        {
            var index = block % Dims[dim] - Start[dim];
            if (index < 0 || index >= Shape[dim])
                return null;
            inBox += index * stride;
            stride *= Shape[dim];
            block /= Dims[dim];
        }

        return inBox;
    }

    private static long Product(ImmutableArray<long> shape, int from)
    {
        var product = 1L;
        for (var dim = from; dim < shape.Length; dim++)
            product = checked(product * shape[dim]);
        return product;
    }
}
