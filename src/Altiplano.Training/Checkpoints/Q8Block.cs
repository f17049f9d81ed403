using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Training.Checkpoints;

/// <summary>ggml's Q8_0: per 32 elements an F16 scale and 32 signed bytes.</summary>
internal static class Q8Block
{
    public const int Elements = 32;
    public const int Bytes = 34;

    /// <param name="source">Elements; a multiple of 32.</param>
    /// <remarks>
    /// d = max|x| / 127 in fp32; q = x · (1/d) rounded half away from zero; d is stored in F16, q was made with the unrounded
    /// one. Source: ggml, quantize_row_q8_0_ref.
    /// </remarks>
    public static void Quantize(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length > 0; source = source[Elements..], destination = destination[Bytes..])
            QuantizeBlock(source[..Elements], destination[..Bytes]);
    }

    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; destination.Length > 0; source = source[Bytes..], destination = destination[Elements..])
            DequantizeBlock(source[..Bytes], destination[..Elements]);
    }

    private static void QuantizeBlock(ReadOnlySpan<float> x, Span<byte> block)
    {
        var (x0, x1) = (Vector256.Create(x), Vector256.Create(x[8..]));
        var (x2, x3) = (Vector256.Create(x[16..]), Vector256.Create(x[24..]));
        var largest = Vector256.Max(
            Vector256.Max(Vector256.Abs(x0), Vector256.Abs(x1)), Vector256.Max(Vector256.Abs(x2), Vector256.Abs(x3)));
        var scale = LargestOf(largest) / 127f;
        var inverse = Vector256.Create(scale == 0 ? 0f : 1f / scale);

        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        var low = Vector256.Narrow(Round(x0 * inverse), Round(x1 * inverse));
        var high = Vector256.Narrow(Round(x2 * inverse), Round(x3 * inverse));
        Vector256.Narrow(low, high).CopyTo(MemoryMarshal.Cast<byte, sbyte>(block[2..]));
    }

    private static void DequantizeBlock(ReadOnlySpan<byte> block, Span<float> x)
    {
        var scale = Vector256.Create((float)BinaryPrimitives.ReadHalfLittleEndian(block));
        var (low, high) = Vector256.Widen(Vector256.Create(MemoryMarshal.Cast<byte, sbyte>(block[2..])));
        var (q0, q1) = Vector256.Widen(low);
        var (q2, q3) = Vector256.Widen(high);
        (Vector256.ConvertToSingle(q0) * scale).CopyTo(x);
        (Vector256.ConvertToSingle(q1) * scale).CopyTo(x[8..]);
        (Vector256.ConvertToSingle(q2) * scale).CopyTo(x[16..]);
        (Vector256.ConvertToSingle(q3) * scale).CopyTo(x[24..]);
    }

    private static float LargestOf(Vector256<float> values)
    {
        var half = Vector128.Max(values.GetLower(), values.GetUpper());
        return MathF.Max(MathF.Max(half[0], half[1]), MathF.Max(half[2], half[3]));
    }

    /// <summary>C's roundf: half away from zero.</summary>
    private static Vector256<int> Round(Vector256<float> value)
    {
        var whole = Vector256.Truncate(value);
        var step = Vector256.CopySign(Vector256<float>.One, value);
        var isUp = Vector256.GreaterThanOrEqual(Vector256.Abs(value - whole), Vector256.Create(0.5f));
        return Vector256.ConvertToInt32(whole + Vector256.ConditionalSelect(isUp, step, Vector256<float>.Zero));
    }
}
