namespace Altiplano.Torch.Operators;

/// <summary>The figures of one AdamW update.</summary>
/// <param name="Step">Number of this update, from 1: the bias correction.</param>
/// <param name="GradientScale">Factor on every gradient before it is used: clipping.</param>
public readonly record struct AdamWStep(
    long Step, double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay, double GradientScale);

/// <summary>What an optimizer does to flat buffers.</summary>
public static class OptimizerOperators
{
    /// <summary>Σ x², summed in fp64 in an order that depends on the size alone.</summary>
    public static double SumOfSquares(this Engine engine, Tensor x)
    {
        Expect.Contiguous(x);
        using var call = engine.Begin("sum_of_squares", 2.0 * x.NumElements, x.NumBytes);
        return call.IsShapeOnly ? 0 : engine.KernelsFor(x.Type).SumOfSquares(x);
    }

    /// <summary>One AdamW update with decoupled weight decay, in place.</summary>
    /// <param name="weights">[P] in fp32 or fp64.</param>
    /// <param name="gradients">[P].</param>
    /// <param name="firstMoments">[P].</param>
    /// <param name="secondMoments">[P].</param>
    /// <remarks>
    /// m = β1 m + (1-β1) g; v = β2 v + (1-β2) g²; w = w (1 - lr·decay) - lr · (m / (1-β1^t)) / (√(v / (1-β2^t)) + eps).
    /// Source: Loshchilov and Hutter 2019, algorithm 2, with the decay scaled by the learning rate as PyTorch does.
    /// </remarks>
    public static void AdamW(
        this Engine engine, Tensor weights, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamWStep step)
    {
        Expect.Contiguous(weights);
        Expect.Dense(gradients, weights.Type, weights.Shape);
        Expect.Dense(firstMoments, weights.Type, weights.Shape);
        Expect.Dense(secondMoments, weights.Type, weights.Shape);
        using var call = engine.Begin("adamw", 15.0 * weights.NumElements, 7 * weights.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(weights.Type).AdamW(weights, gradients, firstMoments, secondMoments, step);
    }
}
