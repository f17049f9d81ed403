using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>Rows scaled, and multiplied with each other.</summary>
internal static unsafe class CpuRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 16;
    private static readonly int Lanes = Vector256<T>.Count;

    public static void Scale(T* y, long strideY, T* x, long strideX, T* factors, long* ids, long rows, int width) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
                ScaleRow(y + row * strideY, x + row * strideX, factors[ids[row]], width);
        });

    public static void Dots(T* dots, T* a, T* b, long rows, int width) => ParallelRange.For(rows, RowGrain, (begin, end) =>
    {
        for (var row = begin; row < end; row++)
            dots[row] = Dot(a + row * width, b + row * width, width);
    });

    public static T Dot(T* a, T* b, int width)
    {
        var sums = Vector256<T>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            sums = SimdMath.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), sums);
        var sum = Vector256.Sum(sums);
        for (; i < width; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void ScaleRow(T* y, T* x, T factor, int width)
    {
        var scale = Vector256.Create(factor);
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            (Vector256.Load(x + i) * scale).Store(y + i);
        for (; i < width; i++)
            y[i] = x[i] * factor;
    }
}
