using System.Runtime.CompilerServices;

namespace Altiplano.Torch.Operators;

/// <summary>
/// Softmax cross-entropy where each rank has the logits of a part of the vocabulary: maxima (their maximum over the ranks is taken next),
/// sums (their sum), then losses and gradient.
/// </summary>
public static class PartialLossOperators
{
    /// <param name="maxima">[R] of f64: each row's largest logit.</param>
    /// <param name="logits">[R, V] in fp32 or fp64, V the part.</param>
    public static void RowMaxima(this Engine engine, Tensor maxima, Tensor logits)
    {
        CheckLogits(logits);
        Expect.Dense(maxima, ScalarType.Float64, [logits.Size(0)]);
        using var call = engine.Begin("row_maxima", logits.NumElements, logits.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(logits.Type).RowMaxima(maxima, logits);
    }

    /// <param name="sums">
    /// [2, R] of f64: Σ exp(logit - maximum) of the part; below it the target's logit - maximum, 0 where the target is elsewhere.
    /// </param>
    /// <param name="logits">[R, V]; overwritten with exp(logit - maximum).</param>
    /// <param name="maxima">[R] of f64, over the whole vocabulary.</param>
    /// <param name="targets">
    /// [R] of i64: index in the part, <see cref="LossOperators.TargetElsewhere"/> or <see cref="LossOperators.IgnoredTarget"/>.
    /// </param>
    public static void ExponentialSums(this Engine engine, Tensor sums, Tensor logits, Tensor maxima, Tensor targets)
    {
        CheckLogits(logits);
        var rows = logits.Size(0);
        Expect.Dense(sums, ScalarType.Float64, [2, rows]);
        Expect.Dense(maxima, ScalarType.Float64, [rows]);
        Expect.Dense(targets, ScalarType.Int64, [rows]);
        using var call = engine.Begin("exponential_sums", 3.0 * logits.NumElements, 2 * logits.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(logits.Type).ExponentialSums(sums, logits, maxima, targets);
    }

    /// <param name="losses">[R] of f64: -log p(target), 0 for ignored rows.</param>
    /// <param name="sums">[2, R], over the whole vocabulary.</param>
    public static void LossesFromSums(this Engine engine, Tensor losses, Tensor sums, Tensor targets)
    {
        Expect.Rank(losses, 1);
        Expect.Dense(losses, ScalarType.Float64, losses.Shape);
        Expect.Dense(sums, ScalarType.Float64, [2, losses.Size(0)]);
        Expect.Dense(targets, ScalarType.Int64, losses.Shape);
        using var call = engine.Begin("losses_from_sums", 2.0 * losses.NumElements, sums.NumBytes + losses.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(losses.Type).LossesFromSums(losses, sums, targets);
    }

    /// <param name="logits">[R, V] as <see cref="ExponentialSums"/> left them; overwritten with scale · (softmax - one-hot).</param>
    /// <param name="sums">[2, R], over the whole vocabulary.</param>
    public static void GradientFromSums(this Engine engine, Tensor logits, Tensor sums, Tensor targets, double scale)
    {
        CheckLogits(logits);
        Expect.Dense(sums, ScalarType.Float64, [2, logits.Size(0)]);
        Expect.Dense(targets, ScalarType.Int64, [logits.Size(0)]);
        using var call = engine.Begin("gradient_from_sums", logits.NumElements, 2 * logits.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(logits.Type).GradientFromSums(logits, sums, targets, scale);
    }

    private static void CheckLogits(Tensor logits, [CallerMemberName] string operation = "")
    {
        Expect.Rank(logits, 2, operation: operation);
        Expect.Dense(logits, logits.Type.Accumulator(), logits.Shape, operation: operation);
    }
}
