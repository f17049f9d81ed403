namespace Altiplano.Torch.Operators;

/// <summary>Whole rows of a matrix: moved, scaled, multiplied with each other.</summary>
public static class RowOperators
{
    /// <summary>y[i] = x[ids[i]]; a row of zeros where the id is below 0.</summary>
    /// <param name="y">[R, D].</param>
    /// <param name="x">[S, D].</param>
    /// <param name="ids">[R] of i64, each below S: whoever makes them checks them.</param>
    public static void GatherRows(this Engine engine, Tensor y, Tensor x, Tensor ids)
    {
        Expect.Rank(x, 2);
        Expect.Contiguous(x);
        Expect.Dense(ids, ScalarType.Int64, [ids.NumElements]);
        Expect.Dense(y, x.Type, [ids.NumElements, x.Size(1)]);
        using var call = engine.Begin("gather_rows", 0, 2 * y.NumBytes);
        if (call.IsShapeOnly)
            return;
        if (x.Size(0) == 0)
            Native.NativeTensor.Zero(y);
        else
            engine.KernelsFor(x.Type).Embed(y, x, ids);
    }

    /// <summary>y[i, :W] = factors[ids[i]] · x[i, :W], W the columns of y and x, which may be columns of wider rows.</summary>
    /// <param name="y">[R, W]; may be <paramref name="x"/> itself.</param>
    /// <param name="factors">[F] in the accumulator type.</param>
    /// <param name="ids">[R] of i64, each below F.</param>
    public static void ScaleRows(this Engine engine, Tensor y, Tensor x, Tensor factors, Tensor ids)
    {
        Expect.Rank(x, 2);
        Expect.Is(y, x.Type, x.Shape);
        Expect.Dense(factors, x.Type.Accumulator(), [factors.NumElements]);
        Expect.Dense(ids, ScalarType.Int64, [x.Size(0)]);
        if (x.Strides[1] != 1 || y.Strides[1] != 1)
            Expect.Fail(nameof(ScaleRows), $"columns of {x} or {y} do not follow each other");
        using var call = engine.Begin("scale_rows", x.NumElements, x.NumBytes + y.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(x.Type).ScaleRows(y, x, factors, ids);
    }

    /// <summary>dots[i] = Σ over columns of a[i] b[i].</summary>
    /// <param name="dots">[R] in the accumulator type.</param>
    /// <param name="a">[R, D].</param>
    /// <param name="b">[R, D].</param>
    public static void RowDots(this Engine engine, Tensor dots, Tensor a, Tensor b)
    {
        Expect.Rank(a, 2);
        Expect.Contiguous(a);
        Expect.Dense(b, a.Type, a.Shape);
        Expect.Dense(dots, a.Type.Accumulator(), [a.Size(0)]);
        using var call = engine.Begin("row_dots", 2.0 * a.NumElements, a.NumBytes + b.NumBytes);
        if (!call.IsShapeOnly)
            engine.RowKernelsFor(a.Type).RowDots(dots, a, b);
    }
}
