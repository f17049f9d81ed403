namespace Altiplano.Torch.Operators;

/// <summary>What Llama 4 does to queries and keys beside turning them.</summary>
public static class HeadOperators
{
    /// <summary>Normalises each head in place, without a weight: x · rsqrt(mean(x²) + eps).</summary>
    /// <param name="heads">[R, W], W at least n · <paramref name="headDim"/>; the rest of the row is left alone.</param>
    /// <param name="inverseRms">[R, n] in the accumulator type, written: the backward pass needs it.</param>
    public static void NormalizeHeads(this Engine engine, Tensor heads, Tensor inverseRms, int headDim, double eps)
    {
        using var views = HeadsOf(heads, inverseRms, headDim);
        using var call = engine.Begin("normalize_heads", 4.0 * views.NumElements, 2 * views.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(heads.Type).NormalizeHeads(views, inverseRms, eps);
    }

    /// <summary>The gradient of the heads becomes that of what they were before: r (dy - y mean(dy y)).</summary>
    /// <param name="dHeads">[R, W], in place.</param>
    /// <param name="heads">[R, W], normalised.</param>
    public static void NormalizeHeadsBackward(this Engine engine, Tensor dHeads, Tensor heads, Tensor inverseRms, int headDim)
    {
        Expect.Is(dHeads, heads.Type, heads.Shape);
        using var gradients = HeadsOf(dHeads, inverseRms, headDim);
        using var views = HeadsOf(heads, inverseRms, headDim);
        using var call = engine.Begin("normalize_heads_backward", 6.0 * views.NumElements, 3 * views.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(heads.Type).NormalizeHeadsBackward(gradients, views, inverseRms);
    }

    private static Tensor HeadsOf(Tensor heads, Tensor inverseRms, int headDim)
    {
        const string Operation = "normalize_heads";
        Expect.Rank(heads, 2, operation: Operation);
        Expect.Contiguous(heads, operation: Operation);
        Expect.Rank(inverseRms, 2, operation: Operation);
        Expect.Dense(inverseRms, heads.Type.Accumulator(), [heads.Size(0), inverseRms.Size(1)], operation: Operation);
        if (inverseRms.Size(1) * headDim > heads.Size(1))
            Expect.Fail(Operation, $"{inverseRms.Size(1)} heads of {headDim} do not fit into rows of {heads}");
        return heads.View([heads.Size(0), inverseRms.Size(1), headDim], [heads.Size(1), headDim, 1]);
    }
}
