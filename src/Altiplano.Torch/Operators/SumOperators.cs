namespace Altiplano.Torch.Operators;

/// <summary>Elementwise sums.</summary>
public static class SumOperators
{
    /// <summary>sum += addend.</summary>
    public static void Add(this Engine engine, Tensor sum, Tensor addend)
    {
        Expect.Contiguous(sum);
        Expect.Dense(addend, sum.Type, sum.Shape);
        using var call = engine.Begin("add", sum.NumElements, 3 * sum.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(sum.Type).Add(sum, addend);
    }
}
