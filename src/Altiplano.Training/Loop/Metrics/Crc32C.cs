using System.Numerics;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>The Castagnoli checksum that TFRecord files carry.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The checksum as TFRecord stores it, so that a checksum of a checksum does not cancel out.</summary>
    /// <remarks>Source: tensorflow/core/lib/hash/crc32c.h, Mask.</remarks>
    public static uint Masked(ReadOnlySpan<byte> data) => unchecked(BitOperations.RotateRight(Of(data), 15) + 0xa282ead8u);
}
