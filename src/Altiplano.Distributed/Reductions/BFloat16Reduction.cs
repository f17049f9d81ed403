using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Distributed.Reductions;

/// <summary>Reduction of bf16 in float32, with one rounding at the end.</summary>
internal static unsafe class BFloat16Reduction
{
    private const uint QuietBit = 0x0040;

    // For the reason that Reduction.Run gives.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TReducer>(ReadOnlySpan<nint> sources, nint target, long count)
        where TReducer : IReducer<float>
    {
        var result = (ushort*)target;
        long i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Widen((ushort*)sources[0] + i);
            for (var k = 1; k < sources.Length; k++)
            {
                var (nextLower, nextUpper) = Widen((ushort*)sources[k] + i);
                lower = TReducer.Combine(lower, nextLower);
                upper = TReducer.Combine(upper, nextUpper);
            }

            Vector256.Narrow(Round(lower), Round(upper)).Store(result + i);
        }

        for (; i < count; i++)
        {
            var sum = Widen(((ushort*)sources[0])[i]);
            for (var k = 1; k < sources.Length; k++)
                sum = TReducer.Combine(sum, Widen(((ushort*)sources[k])[i]));
            result[i] = Round(sum);
        }
    }

    /// <summary>Nearest even; a NaN stays one.</summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | QuietBit) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    private static Vector256<uint> Round(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var upper = bits >>> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >>> 16;
        return Vector256.ConditionalSelect(Vector256.IsNaN(value).AsUInt32(), upper | Vector256.Create(QuietBit), rounded);
    }

    private static (Vector256<float> Lower, Vector256<float> Upper) Widen(ushort* values)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Load(values));
        return ((lower << 16).AsSingle(), (upper << 16).AsSingle());
    }
}
