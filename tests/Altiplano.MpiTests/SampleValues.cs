using System.Numerics;
using Altiplano.Distributed;

namespace Altiplano.MpiTests;

/// <summary>What each rank puts in, and what reductions of it must be: plain loops over all ranks in order.</summary>
internal static class SampleValues
{
    /// <summary>Of very different size, so that another order of summation gives other bits.</summary>
    public static float[] Floats(int rank, int count) => Make(rank, count, bits =>
        (((int)(bits & 0xFFFF) - 0x8000) / 4096f) * MathF.Pow(2, (int)((bits >> 16) % 24)));

    public static double[] Doubles(int rank, int count) => Array.ConvertAll(Floats(rank, count), value => value * 1.000000001);

    public static ushort[] BFloats(int rank, int count) =>
        Array.ConvertAll(Floats(rank, count), value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));

    public static long[] Longs(int rank, int count) => Make(rank, count, bits => (long)(bits >> 8));

    public static int[] Ints(int rank, int count) => Make(rank, count, bits => (int)(bits >> 40));

    public static byte[] Bytes(int rank, int count) => Make(rank, count, bits => (byte)(bits >> 20));

    /// <summary>The reduction of all ranks' values, element by element in rank order.</summary>
    public static T[] Reduce<T>(int ranks, int count, ReduceOp op, Func<int, int, T[]> values)
        where T : INumber<T>
    {
        var result = values(0, count);
        for (var rank = 1; rank < ranks; rank++)
        {
            var next = values(rank, count);
            for (var i = 0; i < count; i++)
                result[i] = op == ReduceOp.Sum ? result[i] + next[i] : T.Max(result[i], next[i]);
        }

        return result;
    }

    /// <summary>The same for bf16: summed as floats, rounded once to nearest even.</summary>
    public static ushort[] ReduceBFloats(int ranks, int count, ReduceOp op)
    {
        var sums = Reduce(
            ranks, count, op, (rank, n) => Array.ConvertAll(BFloats(rank, n), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)));
        return Array.ConvertAll(sums, RoundToBFloat);
    }

    private static ushort RoundToBFloat(float sum)
    {
        var bits = BitConverter.SingleToUInt32Bits(sum);
        var (kept, rest) = (bits >> 16, bits & 0xFFFF);
        return (ushort)(rest > 0x8000 || (rest == 0x8000 && (kept & 1) == 1) ? kept + 1 : kept);
    }

    private static T[] Make<T>(int rank, int count, Func<ulong, T> make)
    {
        var values = new T[count];
        var state = ((ulong)rank + 1) * 0x9E3779B97F4A7C15;
        for (var i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = make(state);
        }

        return values;
    }
}
