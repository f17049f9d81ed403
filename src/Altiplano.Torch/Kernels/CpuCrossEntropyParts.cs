using System.Numerics;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Softmax cross-entropy of a part of the vocabulary, in the steps between which ranks exchange what rows need.</summary>
internal static unsafe class CpuCrossEntropyParts<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 4;

    public static void Maxima(double* maxima, T* logits, long rows, int width) => ParallelRange.For(rows, RowGrain, (begin, end) =>
    {
        for (var row = begin; row < end; row++)
            maxima[row] = double.CreateTruncating(CpuCrossEntropy<T>.Max(logits + row * width, width));
    });

    public static void Sums(double* sums, T* logits, double* maxima, long* targets, long rows, int width) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
            {
                var own = logits + row * width;
                var max = T.CreateTruncating(maxima[row]);
                sums[rows + row] = targets[row] < 0 ? 0 : double.CreateTruncating(own[targets[row]] - max);
                sums[row] = double.CreateTruncating(CpuCrossEntropy<T>.Exponentiate(own, max, width));
            }
        });

    public static void Losses(double* losses, double* sums, long* targets, long rows)
    {
        for (var row = 0L; row < rows; row++)
            losses[row] = targets[row] < LossOperators.TargetElsewhere ? 0 : Math.Log(sums[row]) - sums[rows + row];
    }

    public static void Gradient(T* logits, double* sums, long* targets, long rows, int width, double scale) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
                RowGradient(logits + row * width, sums[row], targets[row], width, scale);
        });

    private static void RowGradient(T* row, double sum, long target, int width, double scale)
    {
        if (target < LossOperators.TargetElsewhere)
        {
            new Span<T>(row, width).Clear();
            return;
        }

        CpuCrossEntropy<T>.Multiply(row, T.CreateTruncating(scale / sum), width);
        if (target >= 0)
            row[target] -= T.CreateTruncating(scale);
    }
}
