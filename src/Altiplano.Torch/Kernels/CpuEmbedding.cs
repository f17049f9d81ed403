using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>Rows of a table by id; the gradient touches only the rows that occurred, in row order on one thread.</summary>
internal static unsafe class CpuEmbedding<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly int Lanes = Vector256<T>.Count;

    public static void Forward(T* y, T* table, long* ids, long rows, int width)
    {
        for (var row = 0L; row < rows; row++)
        {
            var result = new Span<T>(y + row * width, width);
            if (ids[row] < 0)
                result.Clear();
            else
                new ReadOnlySpan<T>(table + ids[row] * width, width).CopyTo(result);
        }
    }

    public static void Backward(T* dTable, T* dy, long* ids, long rows, int width)
    {
        for (var row = 0L; row < rows; row++)
        {
            if (ids[row] < 0)
                continue;
            var sum = dTable + ids[row] * width;
            var addend = dy + row * width;
            var i = 0;
            for (; i <= width - Lanes; i += Lanes)
                (Vector256.Load(sum + i) + Vector256.Load(addend + i)).Store(sum + i);
            for (; i < width; i++)
                sum[i] += addend[i];
        }
    }
}
