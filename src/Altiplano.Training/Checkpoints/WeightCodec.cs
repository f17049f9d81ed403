using System.Buffers;
using System.Runtime.InteropServices;

namespace Altiplano.Training.Checkpoints;

/// <summary>Conversion between stored elements and fp32 or fp64 numbers.</summary>
/// <remarks>Rounding is to nearest, ties to even; bytes are little-endian, as every supported machine has them.</remarks>
public static class WeightCodec
{
    /// <param name="source">Whole blocks, as many bytes as <paramref name="destination"/> needs.</param>
    /// <exception cref="ArgumentException"><paramref name="type"/> holds no reals.</exception>
    public static void Decode(WeightType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case WeightType.F32:
                MemoryMarshal.Cast<byte, float>(source)[..destination.Length].CopyTo(destination);
                break;
            case WeightType.BF16:
                BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case WeightType.F16:
                Float16.ToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case WeightType.Q8_0:
                Q8Block.Dequantize(source, destination);
                break;
            case WeightType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(source);
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = (float)doubles[i];
                break;
            default:
                throw new ArgumentException($"{type} holds no real numbers", nameof(type));
        }
    }

    /// <inheritdoc cref="Decode(WeightType, ReadOnlySpan{byte}, Span{float})"/>
    public static void Decode(WeightType type, ReadOnlySpan<byte> source, Span<double> destination)
    {
        if (type == WeightType.F64)
        {
            MemoryMarshal.Cast<byte, double>(source)[..destination.Length].CopyTo(destination);
            return;
        }

        var floats = ArrayPool<float>.Shared.Rent(destination.Length);
        Decode(type, source, floats.AsSpan(0, destination.Length));
        for (var i = 0; i < destination.Length; i++)
            destination[i] = floats[i];
        ArrayPool<float>.Shared.Return(floats);
    }

    /// <param name="source">A whole number of blocks.</param>
    /// <exception cref="ArgumentException"><paramref name="type"/> holds no reals.</exception>
    public static void Encode(WeightType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        switch (type)
        {
            case WeightType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case WeightType.BF16:
                BFloat16.FromSingle(source, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case WeightType.F16:
                Float16.FromSingle(source, MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case WeightType.Q8_0:
                Q8Block.Quantize(source, destination);
                break;
            case WeightType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(destination);
                for (var i = 0; i < source.Length; i++)
                    doubles[i] = source[i];
                break;
            default:
                throw new ArgumentException($"{type} holds no real numbers", nameof(type));
        }
    }
}
