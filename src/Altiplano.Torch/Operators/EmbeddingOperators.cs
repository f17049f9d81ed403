namespace Altiplano.Torch.Operators;

/// <summary>Rows of a table by token id, and their gradient.</summary>
public static class EmbeddingOperators
{
    /// <param name="y">[R, D].</param>
    /// <param name="table">[V, D].</param>
    /// <param name="ids">[R] of i64, each in 0..V-1, or below 0 for a row of zeros: whoever makes them checks them.</param>
    public static void Embed(this Engine engine, Tensor y, Tensor table, Tensor ids)
    {
        Expect.Rank(table, 2);
        Expect.Contiguous(table);
        Expect.Dense(ids, ScalarType.Int64, [y.Size(0)]);
        Expect.Dense(y, table.Type, [ids.Size(0), table.Size(1)]);
        using var call = engine.Begin("embedding", 0, 2 * y.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(y.Type).Embed(y, table, ids);
    }

    /// <summary>Adds each row of dy to the row of its id: dTable[ids[r]] += dy[r]; ids below 0 add nothing.</summary>
    /// <param name="dTable">[V, D] in the accumulator type; rows of absent ids are untouched.</param>
    /// <param name="dy">[R, D].</param>
    public static void EmbedBackward(this Engine engine, Tensor dTable, Tensor dy, Tensor ids)
    {
        Expect.Rank(dy, 2);
        Expect.Contiguous(dy);
        Expect.Dense(ids, ScalarType.Int64, [dy.Size(0)]);
        Expect.Dense(dTable, dy.Type.Accumulator(), [dTable.Size(0), dy.Size(1)]);
        using var call = engine.Begin("embedding_backward", dy.NumElements, 3 * dy.NumBytes);
        if (!call.IsShapeOnly)
            engine.KernelsFor(dy.Type).EmbedBackward(dTable, dy, ids);
    }
}
