using System.Diagnostics;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Measuring;

/// <summary>The rates of matrix products in the shapes of training, and of a copy: what the machine does at best.</summary>
internal sealed class ProductProbe(Engine engine, ScalarType type)
{
    private const int Rows = 1024;
    private const int Repetitions = 9;
    private const int CopyMib = 64;

    private static readonly int[] Widths = [128, 256, 512, 1024];

    public IReadOnlyList<ProductRate> Products() =>
    [
        .. Widths.SelectMany(d => new[]
        {
            Forward(3 * d, d), InputGradient(d, 3 * d), WeightGradient(3 * d, d),
        }),
        Forward(32_000, 256), WeightGradient(32_000, 256),
    ];

    /// <summary>Bytes read and written a second by a copy between two buffers that no cache holds.</summary>
    public BytesPerSecond CopyBandwidth()
    {
        const long elements = CopyMib * Bytes.PerMib / sizeof(float);
        using var source = engine.Zeros(ScalarType.Float32, elements);
        using var target = engine.Zeros(ScalarType.Float32, elements);
        return new BytesPerSecond(2.0 * source.NumBytes / Best(() => engine.Copy(target, source)));
    }

    private ProductRate Forward(int outputs, int inputs)
    {
        using var x = engine.Zeros(type, Rows, inputs);
        using var w = engine.Zeros(type, outputs, inputs);
        using var y = engine.Zeros(type, Rows, outputs);
        return Rate("forward", Rows, outputs, inputs, () => engine.MatMul(y, x, w, transposeB: true));
    }

    private ProductRate InputGradient(int inputs, int outputs)
    {
        using var dy = engine.Zeros(type, Rows, outputs);
        using var w = engine.Zeros(type, outputs, inputs);
        using var dx = engine.Zeros(type, Rows, inputs);
        return Rate("input_gradient", Rows, inputs, outputs, () => engine.MatMul(dx, dy, w));
    }

    private ProductRate WeightGradient(int outputs, int inputs)
    {
        using var dy = engine.Zeros(type, Rows, outputs);
        using var x = engine.Zeros(type, Rows, inputs);
        using var dw = engine.Zeros(type.Accumulator(), outputs, inputs);
        return Rate("weight_gradient", outputs, inputs, Rows, () => engine.MatMul(dw, dy, x, transposeA: true, accumulate: true));
    }

    private static ProductRate Rate(string shape, int m, int n, int k, Action product) =>
        new(shape, m, n, k, new FlopsPerSecond(Math.Round(2.0 * m * n * k / Best(product) / 1e9) * 1e9));

    /// <summary>Seconds of the fastest of some calls.</summary>
    private static double Best(Action action)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
