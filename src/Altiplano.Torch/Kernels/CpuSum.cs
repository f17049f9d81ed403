using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>Elementwise sums.</summary>
internal static unsafe class CpuSum<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Grain = 1 << 15;
    private static readonly int Lanes = Vector256<T>.Count;

    public static void Add(T* sum, T* addend, long count) => ParallelRange.For(count, Grain, (begin, end) =>
    {
        var i = begin;
        for (; i <= end - Lanes; i += Lanes)
            (Vector256.Load(sum + i) + Vector256.Load(addend + i)).Store(sum + i);
        for (; i < end; i++)
            sum[i] += addend[i];
    });
}
