using System.Numerics;
using System.Runtime.Intrinsics;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>The gradient norm and AdamW: each buffer is read once and written once.</summary>
internal static unsafe class CpuOptimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements of one partial sum; fixed, so that the sum's bits do not depend on the number of threads.</summary>
    private const int SumBlock = 4096;

    private const int UpdateGrain = 1 << 15;
    private static readonly int Lanes = Vector256<T>.Count;

    public static double SumOfSquares(T* x, long count)
    {
        var blocks = (count + SumBlock - 1) / SumBlock;
        var partial = new double[blocks];
        ParallelRange.For(blocks, 16, (begin, end) =>
        {
            for (var block = begin; block < end; block++)
                partial[block] = BlockSum(x + block * SumBlock, (int)Math.Min(SumBlock, count - block * SumBlock));
        });
        var sum = 0.0;
        foreach (var term in partial)
            sum += term;
        return sum;
    }

    public static void AdamW(T* weights, T* gradients, T* firstMoments, T* secondMoments, long count, AdamWStep step)
    {
        var factors = new Factors(step);
        ParallelRange.For(count, UpdateGrain, (begin, end) =>
        {
            var i = begin;
            for (; i <= end - Lanes; i += Lanes)
                UpdateLanes(weights + i, gradients + i, firstMoments + i, secondMoments + i, factors);
            for (; i < end; i++)
                UpdateOne(weights + i, gradients + i, firstMoments + i, secondMoments + i, factors);
        });
    }

    private static void UpdateLanes(T* w, T* g, T* m, T* v, in Factors f)
    {
        var gradient = Vector256.Load(g) * Vector256.Create(f.GradientScale);
        var first = SimdMath.MultiplyAdd(Vector256.Load(m), Vector256.Create(f.Beta1), gradient * Vector256.Create(f.OneMinusBeta1));
        var second = SimdMath.MultiplyAdd(
            Vector256.Load(v), Vector256.Create(f.Beta2), gradient * gradient * Vector256.Create(f.OneMinusBeta2));
        first.Store(m);
        second.Store(v);
        var root = SimdMath.MultiplyAdd(Vector256.Sqrt(second), Vector256.Create(f.RootCorrection), Vector256.Create(f.Eps));
        (Vector256.Load(w) * Vector256.Create(f.Decay) - Vector256.Create(f.StepSize) * first / root).Store(w);
    }

    private static void UpdateOne(T* w, T* g, T* m, T* v, in Factors f)
    {
        var gradient = *g * f.GradientScale;
        *m = T.FusedMultiplyAdd(*m, f.Beta1, gradient * f.OneMinusBeta1);
        *v = T.FusedMultiplyAdd(*v, f.Beta2, gradient * gradient * f.OneMinusBeta2);
        var root = T.FusedMultiplyAdd(T.Sqrt(*v), f.RootCorrection, f.Eps);
        *w = *w * f.Decay - f.StepSize * *m / root;
    }

    private static double BlockSum(T* x, int count)
    {
        var (even, odd) = (Vector256<T>.Zero, Vector256<T>.Zero);
        var i = 0;
        for (; i <= count - 2 * Lanes; i += 2 * Lanes)
        {
            var (a, b) = (Vector256.Load(x + i), Vector256.Load(x + i + Lanes));
            even = SimdMath.MultiplyAdd(a, a, even);
            odd = SimdMath.MultiplyAdd(b, b, odd);
        }

        var sum = double.CreateTruncating(Vector256.Sum(even + odd));
        for (; i < count; i++)
            sum += double.CreateTruncating(x[i] * x[i]);
        return sum;
    }

    /// <summary>The step's figures in the type of the weights; computed in double, rounded once.</summary>
    private readonly struct Factors(AdamWStep step)
    {
        public readonly T GradientScale = T.CreateTruncating(step.GradientScale);
        public readonly T Beta1 = T.CreateTruncating(step.Beta1);
        public readonly T OneMinusBeta1 = T.CreateTruncating(1 - step.Beta1);
        public readonly T Beta2 = T.CreateTruncating(step.Beta2);
        public readonly T OneMinusBeta2 = T.CreateTruncating(1 - step.Beta2);
        public readonly T Eps = T.CreateTruncating(step.Eps);
        public readonly T Decay = T.CreateTruncating(1 - step.LearningRate * step.WeightDecay);
        public readonly T StepSize = T.CreateTruncating(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)));
        public readonly T RootCorrection = T.CreateTruncating(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
    }
}
