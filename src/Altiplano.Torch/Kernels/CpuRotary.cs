using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>Rotation of element i with element i + half of each head, or of neighbours, in place.</summary>
internal static unsafe class CpuRotary<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 16;
    private static readonly int Lanes = Vector256<T>.Count;

    public static void Run(
        T* heads, long rows, long rowWidth, int numHeads, int half, T* cos, T* sin, long* positions, bool inverse, bool isInterleaved)
    {
        var sign = inverse ? -T.One : T.One;
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
            {
                var table = positions[row] * half;
                for (var head = 0; head < numHeads; head++)
                {
                    var start = heads + row * rowWidth + head * 2L * half;
                    if (isInterleaved)
                        TurnNeighbours(start, cos + table, sin + table, sign, half);
                    else
                        Turn(start, cos + table, sin + table, sign, half);
                }
            }
        });
    }

    private static void Turn(T* head, T* cos, T* sin, T sign, int half)
    {
        var direction = Vector256.Create(sign);
        var i = 0;
        for (; i <= half - Lanes; i += Lanes)
        {
            var (low, high) = (Vector256.Load(head + i), Vector256.Load(head + half + i));
            var (c, s) = (Vector256.Load(cos + i), Vector256.Load(sin + i) * direction);
            SimdMath.MultiplyAdd(low, c, -high * s).Store(head + i);
            SimdMath.MultiplyAdd(high, c, low * s).Store(head + half + i);
        }

        for (; i < half; i++)
        {
            var (low, high, s) = (head[i], head[half + i], sin[i] * sign);
            head[i] = low * cos[i] - high * s;
            head[half + i] = high * cos[i] + low * s;
        }
    }

    private static void TurnNeighbours(T* head, T* cos, T* sin, T sign, int half)
    {
        for (var i = 0; i < half; i++)
        {
            var (even, odd, s) = (head[2 * i], head[2 * i + 1], sin[i] * sign);
            head[2 * i] = even * cos[i] - odd * s;
            head[2 * i + 1] = odd * cos[i] + even * s;
        }
    }
}
