namespace Altiplano.Torch.Operators;

/// <summary>Softmax cross-entropy.</summary>
public static class LossOperators
{
    /// <summary>Target of a row that does not count: no loss, no gradient.</summary>
    public const long IgnoredTarget = -100;

    /// <summary>Target of a row that counts, but lies in a part of the vocabulary that another rank has.</summary>
    public const long TargetElsewhere = -1;

    /// <summary>Losses of a chunk of rows; the logits become their gradient.</summary>
    /// <param name="losses">[R] of f64: -log p(target), 0 for ignored rows.</param>
    /// <param name="logits">[R, V] in fp32 or fp64; overwritten with scale · (softmax - one-hot), zero for ignored rows.</param>
    /// <param name="targets">[R] of i64: token ids or <see cref="IgnoredTarget"/>.</param>
    /// <param name="scale">Weight of each row's loss in the objective: 1 / (valid tokens of the whole batch).</param>
    public static void CrossEntropy(this Engine engine, Tensor losses, Tensor logits, Tensor targets, double scale)
    {
        CheckOperands(losses, logits, targets);
        using var call = engine.Begin("cross_entropy", 6.0 * logits.NumElements, 2 * logits.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(logits.Type).CrossEntropy(losses, logits, targets, scale);
    }

    /// <summary>Losses alone; the logits stay as they are.</summary>
    /// <param name="losses">[R] of f64.</param>
    /// <param name="logits">[R, V] in fp32 or fp64.</param>
    /// <param name="targets">[R] of i64.</param>
    public static void CrossEntropyLosses(this Engine engine, Tensor losses, Tensor logits, Tensor targets)
    {
        CheckOperands(losses, logits, targets);
        using var call = engine.Begin("cross_entropy_losses", 4.0 * logits.NumElements, logits.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(logits.Type).CrossEntropyLosses(losses, logits, targets);
    }

    private static void CheckOperands(Tensor losses, Tensor logits, Tensor targets)
    {
        Expect.Rank(logits, 2, operation: "cross_entropy");
        Expect.Contiguous(logits, operation: "cross_entropy");
        if (logits.Type != logits.Type.Accumulator())
            Expect.Fail("cross_entropy", $"logits are {logits}; losses are computed from fp32 or fp64");
        Expect.Dense(targets, ScalarType.Int64, [logits.Size(0)], operation: "cross_entropy");
        Expect.Dense(losses, ScalarType.Float64, [logits.Size(0)], operation: "cross_entropy");
    }
}
