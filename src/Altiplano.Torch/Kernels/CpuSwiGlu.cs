using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>silu(gate) · up and its gradient, one pass each.</summary>
internal static unsafe class CpuSwiGlu<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 8;
    private static readonly int Lanes = Vector256<T>.Count;

    public static void Forward(T* activation, T* gateUp, long rows, int width) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
                ForwardRow(activation + row * width, gateUp + row * 2 * width, gateUp + row * 2 * width + width, width);
        });

    public static void Backward(T* dGateUp, T* dActivation, T* gateUp, long rows, int width) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
            {
                var at = row * 2 * width;
                BackwardRow(dGateUp + at, dGateUp + at + width, dActivation + row * width, gateUp + at, gateUp + at + width, width);
            }
        });

    private static void ForwardRow(T* y, T* gate, T* up, int width)
    {
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
        {
            var g = Vector256.Load(gate + i);
            (g * SimdMath.Sigmoid(g) * Vector256.Load(up + i)).Store(y + i);
        }

        for (; i < width; i++)
            y[i] = gate[i] * SimdMath.Sigmoid(gate[i]) * up[i];
    }

    private static void BackwardRow(T* dGate, T* dUp, T* dy, T* gate, T* up, int width)
    {
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
        {
            var (g, u, d) = (Vector256.Load(gate + i), Vector256.Load(up + i), Vector256.Load(dy + i));
            var sigmoid = SimdMath.Sigmoid(g);
            var silu = sigmoid * g;
            (d * silu).Store(dUp + i);
            (d * u * SimdMath.MultiplyAdd(silu, Vector256<T>.One - sigmoid, sigmoid)).Store(dGate + i);
        }

        for (; i < width; i++)
        {
            var (u, d, sigmoid) = (up[i], dy[i], SimdMath.Sigmoid(gate[i]));
            var silu = sigmoid * gate[i];
            dUp[i] = d * silu;
            dGate[i] = d * u * (sigmoid + silu * (T.One - sigmoid));
        }
    }
}
