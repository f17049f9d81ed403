using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Training.Checkpoints;

/// <summary>IEEE half precision in bulk; .NET 10 converts single values only, in software.</summary>
internal static class Float16
{
    /// <remarks>
    /// Exponent and mantissa move into an fp32's fields and a product with 2^112 mends the bias, subnormals included; infinity
    /// and NaN get the exponent back.
    /// </remarks>
    public static void ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var i = 0;
        for (; i <= destination.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(source[i..]));
            Expand(low).CopyTo(destination[i..]);
            Expand(high).CopyTo(destination[(i + Vector256<uint>.Count)..]);
        }

        for (; i < destination.Length; i++)
            destination[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
    }

    /// <summary>Rounds to nearest, ties to even; magnitudes of 65,520 and above become infinite.</summary>
    public static void FromSingle(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        var halves = MemoryMarshal.Cast<ushort, Half>(destination);
        for (var i = 0; i < source.Length; i++)
            halves[i] = (Half)source[i];
    }

    /// <summary>2^112: 112 is the difference of the exponents' biases, 127 and 15.</summary>
    private const float BiasDifference = 5.192296858534828e33f;

    private static Vector256<float> Expand(Vector256<uint> half)
    {
        var magnitude = half & Vector256.Create(0x7FFFu);
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var value = ((magnitude << 13).AsSingle() * Vector256.Create(BiasDifference)).AsUInt32();
        var special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x7C00u));
        return (value | sign | (special & Vector256.Create(0x7F80_0000u))).AsSingle();
    }
}
