namespace Altiplano.Torch.Operators;

/// <summary>Root-mean-square normalisation over the last dim: y = x · rsqrt(mean(x²) + eps) · w.</summary>
/// <remarks>
/// Statistics are kept in the accumulator type; bf16 rounds before the product with the weight, as Meta's code does.
/// </remarks>
public static class NormOperators
{
    /// <param name="y">[R, D].</param>
    /// <param name="inverseRms">[R] in the accumulator type: saved for the backward pass.</param>
    /// <param name="x">[R, D].</param>
    /// <param name="weight">[D].</param>
    public static void RmsNorm(this Engine engine, Tensor y, Tensor inverseRms, Tensor x, Tensor weight, double eps)
    {
        CheckOperands(x, weight, inverseRms);
        Expect.Dense(y, x.Type, x.Shape);
        using var call = engine.Begin("rms_norm", 4.0 * x.NumElements, 2 * x.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(x.Type).RmsNorm(y, inverseRms, x, weight, eps);
    }

    /// <summary>dx = residual + r (dy w - x̂ mean(dy w x̂)).</summary>
    /// <param name="residual">Gradient that reaches x around the norm, [R, D], or null; may be <paramref name="dx"/>.</param>
    public static void RmsNormBackwardInput(
        this Engine engine, Tensor dx, Tensor dy, Tensor x, Tensor weight, Tensor inverseRms, Tensor? residual)
    {
        CheckOperands(x, weight, inverseRms);
        Expect.Dense(dy, x.Type, x.Shape);
        Expect.Dense(dx, x.Type, x.Shape);
        if (residual is not null)
            Expect.Dense(residual, x.Type, x.Shape);
        using var call = engine.Begin("rms_norm_backward_input", 8.0 * x.NumElements, (residual is null ? 3 : 4) * x.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(x.Type).RmsNormBackwardInput(dx, dy, x, weight, inverseRms, residual);
    }

    /// <summary>dw = Σ over rows of dy x̂.</summary>
    /// <param name="dWeight">[D] in the accumulator type.</param>
    /// <param name="accumulate">Adds to what <paramref name="dWeight"/> holds.</param>
    public static void RmsNormBackwardWeight(
        this Engine engine, Tensor dWeight, Tensor dy, Tensor x, Tensor inverseRms, bool accumulate)
    {
        Expect.Rank(x, 2);
        Expect.Contiguous(x);
        Expect.Dense(dWeight, x.Type.Accumulator(), [x.Size(1)]);
        Expect.Dense(dy, x.Type, x.Shape);
        Expect.Dense(inverseRms, x.Type.Accumulator(), [x.Size(0)]);
        using var call = engine.Begin("rms_norm_backward_weight", 3.0 * x.NumElements, 2 * x.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(x.Type).RmsNormBackwardWeight(dWeight, dy, x, inverseRms, accumulate);
    }

    private static void CheckOperands(Tensor x, Tensor weight, Tensor inverseRms)
    {
        Expect.Rank(x, 2, operation: "rms_norm");
        Expect.Contiguous(x, operation: "rms_norm");
        Expect.Dense(weight, x.Type, [x.Size(1)], operation: "rms_norm");
        Expect.Dense(inverseRms, x.Type.Accumulator(), [x.Size(0)], operation: "rms_norm");
    }
}
