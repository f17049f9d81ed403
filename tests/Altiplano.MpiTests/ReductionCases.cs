using System.Numerics;
using System.Runtime.InteropServices;
using Altiplano.Distributed;
using static Altiplano.MpiTests.ConformanceSuite;

namespace Altiplano.MpiTests;

/// <summary>All-reduce and reduce-scatter: the bits of a loop over the ranks in order.</summary>
internal static class ReductionCases
{
    /// <summary>None, fewer than ranks, odd, more than a piece of 4 MB.</summary>
    private static readonly int[] Counts = [0, 1, 2, 1000, 40_001, 1_100_003];

    public static IEnumerable<KeyValuePair<string, Action<ICommunicator>>> All()
    {
        foreach (var op in Enum.GetValues<ReduceOp>())
        {
            foreach (var count in Counts)
            {
                yield return AllReduce(ElementType.Float32, op, count, SampleValues.Floats);
                yield return Case($"all-reduce BFloat16 {op} {count}", communicator => CheckAllReduce(
                    communicator, ElementType.BFloat16, op, SampleValues.BFloats, count, n => SampleValues.ReduceBFloats(n, count, op)));
                yield return ReduceScatter(ElementType.Float32, op, count, SampleValues.Floats);
            }

            yield return AllReduce(ElementType.Float64, op, 1003, SampleValues.Doubles);
            yield return AllReduce(ElementType.Int64, op, 1003, SampleValues.Longs);
            yield return AllReduce(ElementType.Int32, op, 1003, SampleValues.Ints);
            yield return AllReduce(ElementType.Byte, op, 1003, SampleValues.Bytes);
            yield return ReduceScatter(ElementType.Float64, op, 333, SampleValues.Doubles);
            yield return Case($"reduce-scatter in place {op}", communicator => ReduceScatterInPlace(communicator, op));
        }

        yield return Case("all-reduce Max of a NaN is NaN", MaxOfNaN);
        yield return Case("all-reduce twice has the same bits", SameBitsTwice);
    }

    private static KeyValuePair<string, Action<ICommunicator>> AllReduce<T>(
        ElementType type, ReduceOp op, int count, Func<int, int, T[]> values)
        where T : unmanaged, INumber<T> =>
        Case($"all-reduce {type} {op} {count}", communicator => CheckAllReduce(
            communicator, type, op, values, count, n => SampleValues.Reduce(n, count, op, values)));

    private static void CheckAllReduce<T>(
        ICommunicator communicator, ElementType type, ReduceOp op, Func<int, int, T[]> values, int count, Func<int, T[]> expected)
        where T : unmanaged
    {
        using var data = new NativeArray<T>(values(communicator.Rank, count), type);
        communicator.Run(Collective.AllReduce(data.Buffer, op));
        ShouldBeSameBits(data.Span, expected(communicator.Members.Count));
    }

    private static KeyValuePair<string, Action<ICommunicator>> ReduceScatter<T>(
        ElementType type, ReduceOp op, int count, Func<int, int, T[]> values)
        where T : unmanaged, INumber<T> =>
        Case($"reduce-scatter {type} {op} {count} each", communicator =>
        {
            var n = communicator.Members.Count;
            using var input = new NativeArray<T>(values(communicator.Rank, n * count), type);
            using var output = new NativeArray<T>(count, type);
            communicator.Run(Collective.ReduceScatter(input.Buffer, output.Buffer, op));
            var expected = SampleValues.Reduce(n, n * count, op, values);
            ShouldBeSameBits(output.Span, expected.AsSpan(communicator.Rank * count, count));
            ShouldBeSameBits(input.Span, values(communicator.Rank, n * count));
        });

    private static void ReduceScatterInPlace(ICommunicator communicator, ReduceOp op)
    {
        const int count = 20_000;
        var n = communicator.Members.Count;
        using var data = new NativeArray<float>(SampleValues.Floats(communicator.Rank, n * count), ElementType.Float32);
        communicator.Run(Collective.ReduceScatter(data.Buffer, data.Buffer.Slice(communicator.Rank * count, count), op));
        var expected = SampleValues.Reduce(n, n * count, op, SampleValues.Floats);
        ShouldBeSameBits(data.Span.Slice(communicator.Rank * count, count), expected.AsSpan(communicator.Rank * count, count));
    }

    private static void MaxOfNaN(ICommunicator communicator)
    {
        var values = SampleValues.Floats(communicator.Rank, 100);
        values[communicator.Rank] = float.NaN;
        using var data = new NativeArray<float>(values, ElementType.Float32);
        communicator.Run(Collective.AllReduce(data.Buffer, ReduceOp.Max));
        for (var i = 0; i < 100; i++)
            float.IsNaN(data.Span[i]).ShouldBe(i < communicator.Members.Count, $"element {i}");
    }

    private static void SameBitsTwice(ICommunicator communicator)
    {
        using var first = new NativeArray<float>(SampleValues.Floats(communicator.Rank, 300_000), ElementType.Float32);
        using var second = new NativeArray<float>(SampleValues.Floats(communicator.Rank, 300_000), ElementType.Float32);
        communicator.Run(Collective.AllReduce(first.Buffer));
        communicator.Run(Collective.AllReduce(second.Buffer));
        ShouldBeSameBits<float>(first.Span, second.Span);
    }

    private static void ShouldBeSameBits<T>(ReadOnlySpan<T> actual, ReadOnlySpan<T> expected)
        where T : unmanaged
    {
        actual.Length.ShouldBe(expected.Length);
        var at = MemoryMarshal.AsBytes(actual).CommonPrefixLength(MemoryMarshal.AsBytes(expected)) / Marshal.SizeOf<T>();
        if (at < actual.Length)
            actual[at].ShouldBe(expected[at], $"element {at} of {actual.Length}");
    }
}
