using System.Numerics;
using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>Softmax cross-entropy: loss and gradient of a row while the row is in the cache.</summary>
internal static unsafe class CpuCrossEntropy<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int RowGrain = 4;
    private static readonly int Lanes = Vector256<T>.Count;

    public static void WithGradient(double* losses, T* logits, long* targets, long rows, int vocabulary, double scale) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
                losses[row] = RowWithGradient(logits + row * vocabulary, targets[row], vocabulary, T.CreateTruncating(scale));
        });

    public static void LossesOnly(double* losses, T* logits, long* targets, long rows, int vocabulary) =>
        ParallelRange.For(rows, RowGrain, (begin, end) =>
        {
            for (var row = begin; row < end; row++)
                losses[row] = targets[row] < 0 ? 0 : RowLoss(logits + row * vocabulary, targets[row], vocabulary);
        });

    private static double RowWithGradient(T* logits, long target, int vocabulary, T scale)
    {
        if (target < 0)
        {
            new Span<T>(logits, vocabulary).Clear();
            return 0;
        }

        var max = Max(logits, vocabulary);
        var atTarget = logits[target];
        var sum = Exponentiate(logits, max, vocabulary);
        var factor = scale / sum;
        Multiply(logits, factor, vocabulary);
        logits[target] -= scale;
        return double.CreateTruncating(T.Log(sum) + max - atTarget);
    }

    internal static void Multiply(T* row, T factor, int width)
    {
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i <= width - Lanes; i += Lanes)
            (Vector256.Load(row + i) * factors).Store(row + i);
        for (; i < width; i++)
            row[i] *= factor;
    }

    private static double RowLoss(T* logits, long target, int vocabulary)
    {
        var max = Max(logits, vocabulary);
        var (shift, sums) = (Vector256.Create(max), Vector256<T>.Zero);
        var i = 0;
        for (; i <= vocabulary - Lanes; i += Lanes)
            sums += SimdMath.Exp(Vector256.Load(logits + i) - shift);
        var sum = Vector256.Sum(sums);
        for (; i < vocabulary; i++)
            sum += T.Exp(logits[i] - max);
        return double.CreateTruncating(T.Log(sum) + max - logits[target]);
    }

    /// <summary>Puts exp(x - max) in the place of each logit and returns their sum.</summary>
    internal static T Exponentiate(T* logits, T max, int vocabulary)
    {
        var (shift, sums) = (Vector256.Create(max), Vector256<T>.Zero);
        var i = 0;
        for (; i <= vocabulary - Lanes; i += Lanes)
        {
            var e = SimdMath.Exp(Vector256.Load(logits + i) - shift);
            e.Store(logits + i);
            sums += e;
        }

        var sum = Vector256.Sum(sums);
        for (; i < vocabulary; i++)
            sum += logits[i] = T.Exp(logits[i] - max);
        return sum;
    }

    internal static T Max(T* logits, int vocabulary)
    {
        var max = logits[0];
        var i = 0;
        if (vocabulary >= Lanes)
        {
            var maxima = Vector256.Load(logits);
            for (i = Lanes; i <= vocabulary - Lanes; i += Lanes)
                maxima = Vector256.Max(maxima, Vector256.Load(logits + i));
            for (var lane = 0; lane < Lanes; lane++)
                max = T.Max(max, maxima[lane]);
        }

        for (; i < vocabulary; i++)
            max = T.Max(max, logits[i]);
        return max;
    }
}
