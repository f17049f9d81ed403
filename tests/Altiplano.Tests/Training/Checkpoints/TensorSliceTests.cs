using System.Collections.Immutable;
using Altiplano.Training.Checkpoints;
using CsCheck;

namespace Altiplano.Tests.Training.Checkpoints;

public sealed class TensorSliceTests
{
    /// <summary>A tensor of one to three dims, a box of it, a range of the box, and a range of the whole.</summary>
    private static readonly Gen<(TensorSlice Slice, long First, long Count)> Cases =
        from dims in Gen.Select(Gen.Int[1, 5], Gen.Int[0, 4], Gen.Int[0, 4]).Array[1, 3]
        let shape = dims.Select(dim => (long)dim.Item1).ToImmutableArray()
        let start = dims.Select(dim => (long)dim.Item2 % dim.Item1).ToImmutableArray()
        let box = dims.Select((dim, i) => 1 + dim.Item3 % (dim.Item1 - start[i])).ToImmutableArray()
        let whole = shape.Aggregate(1L, (a, b) => a * b)
        let elements = box.Aggregate(1L, (a, b) => a * b)
        from part in Gen.Select(Gen.Long[0, elements], Gen.Long[0, elements])
        from range in Gen.Select(Gen.Long[0, whole], Gen.Long[0, whole])
        let slice = new TensorSlice(
            new WeightInfo("w", WeightType.F32, shape), start, box, Math.Min(part.Item1, part.Item2), Math.Abs(part.Item1 - part.Item2))
        select (slice, Math.Min(range.Item1, range.Item2), Math.Abs(range.Item1 - range.Item2));

    [Fact]
    public void Overlap_AnyBoxAndRange_IsWhatCountingElementsFinds() => Cases.Sample(
        given => Expand(given.Slice.Overlap(given.First, given.Count)).SequenceEqual(Count(given.Slice, given.First, given.Count)),
        seed: "0000KOIKhKZ3", iter: 2000, threads: 1);

    [Fact]
    public void Stored_WholeBox_HasItsShape() =>
        new TensorSlice(Info(4, 6), [2, 0], [2, 6], 0, 12).Stored.ShouldBe(Info(2, 6), new SameShape());

    [Fact]
    public void Stored_PartOfABox_IsAVector() =>
        new TensorSlice(Info(4, 6), [2, 0], [2, 6], 3, 5).Stored.ShouldBe(Info(5), new SameShape());

    /// <summary>Gate and up side by side: a rank has a part of each.</summary>
    [Fact]
    public void Overlap_SameBoxOfEachBlock_FindsBoth()
    {
        var slice = new TensorSlice(Info(2, 12), [0, 0, 2], [2, 2, 2], 0, 8) { Dims = [2, 2, 6] };

        slice.Overlap(0, 24).ShouldBe([(2, 0, 2), (8, 2, 2), (14, 4, 2), (20, 6, 2)]);
        slice.Stored.ShouldBe(Info(8), new SameShape());
    }

    private static WeightInfo Info(params long[] shape) => new("w", WeightType.F32, [.. shape]);

    private static IEnumerable<(long, long)> Expand(IEnumerable<(long InWhole, long InSlice, long Count)> runs) =>
        runs.SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => (run.InWhole + i, run.InSlice + i)));

    /// <summary>Every element of the whole by its number, with its number in the slice.</summary>
    private static List<(long, long)> Count(TensorSlice slice, long first, long count)
    {
        var (found, inBox) = (new List<(long, long)>(), 0L);
        for (var element = 0L; element < slice.Whole.NumElements; element++)
        {
            var (rest, isInside) = (element, true);
            for (var dim = slice.Shape.Length - 1; dim >= 0; dim--)
            {
                var index = rest % slice.Whole.Shape[dim] - slice.Start[dim];
                isInside &= index >= 0 && index < slice.Shape[dim];
                rest /= slice.Whole.Shape[dim];
            }

            if (!isInside)
                continue;
            var inSlice = inBox++ - slice.First;
            if (inSlice >= 0 && inSlice < slice.Count && element >= first && element < first + count)
                found.Add((element, inSlice));
        }

        return found;
    }

    private sealed class SameShape : IEqualityComparer<WeightInfo>
    {
        public bool Equals(WeightInfo? x, WeightInfo? y) => x!.Name == y!.Name && x.Type == y.Type && x.Shape.SequenceEqual(y.Shape);

        public int GetHashCode(WeightInfo info) => info.Name.GetHashCode(StringComparison.Ordinal);
    }
}
