using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Altiplano.Torch.Kernels;

/// <summary>Transposed copies of blocks of fp32, eight by eight in registers.</summary>
internal static unsafe class BlockTranspose
{
    private const int Side = 8;

    /// <summary>destination[c, r] = source[r, c]; strides in elements.</summary>
    public static void Copy(float* source, long sourceStride, float* destination, long destinationStride, long rows, long columns)
    {
        var r = 0L;
        for (; r <= rows - Side && Avx.IsSupported; r += Side)
        {
            var c = 0L;
            for (; c <= columns - Side; c += Side)
                Square(source + r * sourceStride + c, sourceStride, destination + c * destinationStride + r, destinationStride);
            Plain(source, sourceStride, destination, destinationStride, r, r + Side, c, columns);
        }

        Plain(source, sourceStride, destination, destinationStride, r, rows, 0, columns);
    }

    private static void Plain(
        float* source, long sourceStride, float* destination, long destinationStride,
        long firstRow, long endRow, long firstColumn, long endColumn)
    {
        for (var r = firstRow; r < endRow; r++)
        {
            for (var c = firstColumn; c < endColumn; c++)
                destination[c * destinationStride + r] = source[r * sourceStride + c];
        }
    }

    private static void Square(float* s, long stride, float* d, long step)
    {
        var (a0, a1) = Interleave(s, s + stride);
        var (a2, a3) = Interleave(s + 2 * stride, s + 3 * stride);
        var (a4, a5) = Interleave(s + 4 * stride, s + 5 * stride);
        var (a6, a7) = Interleave(s + 6 * stride, s + 7 * stride);
        Store(d, step, 0, Avx.Shuffle(a0, a2, 0x44), Avx.Shuffle(a4, a6, 0x44));
        Store(d, step, 1, Avx.Shuffle(a0, a2, 0xEE), Avx.Shuffle(a4, a6, 0xEE));
        Store(d, step, 2, Avx.Shuffle(a1, a3, 0x44), Avx.Shuffle(a5, a7, 0x44));
        Store(d, step, 3, Avx.Shuffle(a1, a3, 0xEE), Avx.Shuffle(a5, a7, 0xEE));
    }

    private static (Vector256<float> Low, Vector256<float> High) Interleave(float* even, float* odd)
    {
        var (a, b) = (Vector256.Load(even), Vector256.Load(odd));
        return (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));
    }

    /// <summary>Stores two columns: c lies in the lower halves of the first four and the last four rows, c + 4 in the upper.</summary>
    private static void Store(float* d, long step, int c, Vector256<float> first, Vector256<float> last)
    {
        Avx.Permute2x128(first, last, 0x20).Store(d + c * step);
        Avx.Permute2x128(first, last, 0x31).Store(d + (c + 4) * step);
    }
}
