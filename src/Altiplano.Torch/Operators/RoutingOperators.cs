using Altiplano.Torch.Kernels;

namespace Altiplano.Torch.Operators;

/// <summary>Llama 4's router: the largest logits choose, their sigmoid scales.</summary>
public static class RoutingOperators
{
    /// <summary>The experts with the largest logits of each row, largest first; of equal ones the first.</summary>
    /// <param name="experts">[K, R] of i64, written: the j-th choice of every row.</param>
    /// <param name="logits">[R, E] in fp32 or fp64.</param>
    public static void TopExperts(this Engine engine, Tensor experts, Tensor logits)
    {
        CheckLogits(logits);
        Expect.Rank(experts, 2);
        Expect.Dense(experts, ScalarType.Int64, [experts.Size(0), logits.Size(0)]);
        if (experts.Size(0) > logits.Size(1))
            Expect.Fail(nameof(TopExperts), $"{logits} has fewer experts than {experts.Size(0)} choices");
        using var call = engine.Begin("top_experts", (double)experts.Size(0) * logits.NumElements, logits.NumBytes + experts.NumBytes);
        if (!call.IsShapeOnly)
            CpuRouting.TopExperts(experts, logits);
    }

    /// <summary>scores[j, r] = sigmoid(logits[r, experts[j, r]]).</summary>
    /// <param name="scores">[K, R] in the logits' type, written.</param>
    public static void RouterScores(this Engine engine, Tensor scores, Tensor logits, Tensor experts)
    {
        CheckLogits(logits);
        CheckChoices(scores, logits, experts);
        using var call = engine.Begin("router_scores", 4.0 * scores.NumElements, 2 * scores.NumBytes + experts.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(logits.Type).RouterScores(scores, logits, experts);
    }

    /// <summary>dLogits[r, experts[j, r]] = dScores[j, r] s (1 - s), and 0 for experts that were not chosen.</summary>
    /// <param name="dLogits">[R, E], written.</param>
    public static void RouterScoresBackward(this Engine engine, Tensor dLogits, Tensor dScores, Tensor scores, Tensor experts)
    {
        CheckLogits(dLogits);
        CheckChoices(dScores, dLogits, experts);
        CheckChoices(scores, dLogits, experts);
        using var call = engine.Begin("router_scores_backward", 3.0 * scores.NumElements, dLogits.NumBytes + 3 * scores.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(dLogits.Type).RouterScoresBackward(dLogits, dScores, scores, experts);
    }

    private static void CheckLogits(Tensor logits)
    {
        Expect.Rank(logits, 2, operation: "router");
        Expect.Contiguous(logits, operation: "router");
        if (logits.Type != logits.Type.Accumulator())
            Expect.Fail("router", $"logits are {logits}; experts are chosen in fp32 or fp64");
    }

    private static void CheckChoices(Tensor scores, Tensor logits, Tensor experts)
    {
        Expect.Rank(experts, 2, operation: "router");
        Expect.Dense(experts, ScalarType.Int64, [experts.Size(0), logits.Size(0)], operation: "router");
        Expect.Dense(scores, logits.Type, experts.Shape, operation: "router");
    }
}
