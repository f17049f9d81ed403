using System.Numerics;

namespace Altiplano.Torch.Kernels;

/// <summary>Normalisation of each head of a row without a weight, in place.</summary>
internal static unsafe class CpuHeadNorm<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 16;

    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Heads of a row, of <paramref name="size"/> elements each.</param>
    public static void Forward(T* heads, T* inverseRms, long rows, long stride, int count, int size, double eps) =>
        ForEachHead(rows, count, (row, head) =>
        {
            var x = heads + row * stride + head * (long)size;
            var r = T.One / T.Sqrt(CpuRows<T>.Dot(x, x, size) / T.CreateTruncating(size) + T.CreateTruncating(eps));
            inverseRms[row * count + head] = r;
            for (var i = 0; i < size; i++)
                x[i] *= r;
        });

    public static void Backward(T* dHeads, T* heads, T* inverseRms, long rows, long stride, int count, int size) =>
        ForEachHead(rows, count, (row, head) =>
        {
            var at = row * stride + head * (long)size;
            var (dy, y, r) = ((nint)(dHeads + at), (nint)(heads + at), inverseRms[row * count + head]);
            BackwardHead((T*)dy, (T*)y, r, size);
        });

    private static void BackwardHead(T* dy, T* y, T r, int size)
    {
        var pull = CpuRows<T>.Dot(dy, y, size) / T.CreateTruncating(size);
        for (var i = 0; i < size; i++)
            dy[i] = r * (dy[i] - y[i] * pull);
    }

    private static void ForEachHead(long rows, int count, Action<long, int> body) => ParallelRange.For(rows, RowGrain, (begin, end) =>
    {
        for (var row = begin; row < end; row++)
        {
            for (var head = 0; head < count; head++)
                body(row, head);
        }
    });
}
