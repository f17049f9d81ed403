using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>RMS normalisation in one pass over each row.</summary>
internal static unsafe class CpuNorm<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 16;

    /// <summary>Row blocks of the weight gradient: a fixed number, so that its bits do not depend on the number of threads.</summary>
    private const int WeightBlocks = 16;

    private static readonly int Lanes = Vector256<T>.Count;

    public static void Forward(T* y, T* inverseRms, T* x, T* weight, long rows, int width, double eps) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
            {
                var source = x + row * width;
                var r = T.One / T.Sqrt(Dot(source, source, width) / T.CreateTruncating(width) + T.CreateTruncating(eps));
                inverseRms[row] = r;
                ScaleRow(y + row * width, source, weight, r, width);
            }
        });

    public static void BackwardInput(T* dx, T* dy, T* x, T* weight, T* inverseRms, T* residual, long rows, int width) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
            {
                var at = row * width;
                BackwardRow(dx + at, dy + at, x + at, weight, inverseRms[row], residual == null ? null : residual + at, width);
            }
        });

    public static void BackwardWeight(T* dWeight, T* dy, T* x, T* inverseRms, bool accumulate, long rows, int width)
    {
        var partial = (T*)NativeMemory.AllocZeroed((nuint)(WeightBlocks * width), (nuint)sizeof(T));
        ParallelRange.For(WeightBlocks, 1, (begin, end) =>
        {
            for (var block = begin; block < end; block++)
            {
                for (var row = rows * block / WeightBlocks; row < rows * (block + 1) / WeightBlocks; row++)
                    AddScaledProduct(partial + block * width, dy + row * width, x + row * width, inverseRms[row], width);
            }
        });
        for (var i = 0; i < width; i++)
        {
            var sum = accumulate ? dWeight[i] : T.Zero;
            for (var block = 0; block < WeightBlocks; block++)
                sum += partial[block * width + i];
            dWeight[i] = sum;
        }

        NativeMemory.Free(partial);
    }

    private static void BackwardRow(T* dx, T* dy, T* x, T* weight, T r, T* residual, int width)
    {
        var c = WeightedDot(dy, weight, x, width) * r * r * r / T.CreateTruncating(width);
        var (scale, pull) = (Vector256.Create(r), Vector256.Create(-c));
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
        {
            var around = residual == null ? Vector256<T>.Zero : Vector256.Load(residual + i);
            var through = SimdMath.MultiplyAdd(Vector256.Load(dy + i) * scale, Vector256.Load(weight + i), around);
            SimdMath.MultiplyAdd(Vector256.Load(x + i), pull, through).Store(dx + i);
        }

        for (; i < width; i++)
            dx[i] = (residual == null ? T.Zero : residual[i]) + dy[i] * r * weight[i] - x[i] * c;
    }

    private static void ScaleRow(T* y, T* x, T* weight, T r, int width)
    {
        var scale = Vector256.Create(r);
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            (Vector256.Load(x + i) * scale * Vector256.Load(weight + i)).Store(y + i);
        for (; i < width; i++)
            y[i] = x[i] * r * weight[i];
    }

    private static void AddScaledProduct(T* sum, T* dy, T* x, T r, int width)
    {
        var scale = Vector256.Create(r);
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            SimdMath.MultiplyAdd(Vector256.Load(dy + i) * scale, Vector256.Load(x + i), Vector256.Load(sum + i)).Store(sum + i);
        for (; i < width; i++)
            sum[i] += dy[i] * r * x[i];
    }

    private static T Dot(T* a, T* b, int width)
    {
        var sum = Vector256<T>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            sum = SimdMath.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), sum);
        var total = Vector256.Sum(sum);
        for (; i < width; i++)
            total += a[i] * b[i];
        return total;
    }

    private static T WeightedDot(T* a, T* weight, T* b, int width)
    {
        var sum = Vector256<T>.Zero;
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            sum = SimdMath.MultiplyAdd(Vector256.Load(a + i) * Vector256.Load(weight + i), Vector256.Load(b + i), sum);
        var total = Vector256.Sum(sum);
        for (; i < width; i++)
            total += a[i] * weight[i] * b[i];
        return total;
    }
}
