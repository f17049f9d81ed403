using Altiplano.Torch.Kernels;

namespace Altiplano.Torch.Operators;

/// <summary>Queries that follow each other inside a document, and the document's keys up to the last of them.</summary>
/// <param name="Start">First row of the queries.</param>
/// <param name="Length">Queries.</param>
/// <param name="KeyStart">First row of the document's keys, which lie in a tensor of their own.</param>
/// <param name="KeyLength">Keys up to the last query's own; <paramref name="Length"/> or more.</param>
public readonly record struct QueryPiece(long Start, long Length, long KeyStart, long KeyLength)
{
    /// <summary>Keys that every query of the piece sees.</summary>
    public long Before => KeyLength - Length;
}

/// <summary>Causal grouped-query attention of pieces of documents to keys that were gathered from elsewhere.</summary>
public static class KeyedAttentionOperators
{
    /// <summary>o = softmax(q kᵀ / √H) v for each piece; its last query sees all the piece's keys, each earlier one a key less.</summary>
    /// <param name="output">[R, N, H], contiguous.</param>
    /// <param name="q">[R, N, H]; may be a strided view of a packed buffer with last stride 1.</param>
    /// <param name="k">[S, K, H]; may be a strided view.</param>
    /// <param name="v">[S, K, H]; may be a strided view.</param>
    /// <param name="pieces">Of the queries, in row order; together they cover all rows.</param>
    /// <returns>The log-sum-exp of each piece's scores, [1, N, length] each; the caller disposes them.</returns>
    /// <exception cref="ShapeException">Sizes, types or pieces do not fit.</exception>
    public static Tensor[] KeyedAttention(
        this Engine engine, Tensor output, Tensor q, Tensor k, Tensor v, IReadOnlyList<QueryPiece> pieces)
    {
        CheckOperands(output, q, k, v, pieces);
        using var call = engine.Begin("keyed_attention", Flops(q, pieces), q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes);
        return call.IsShapeOnly
            ? [.. pieces.Select(piece => engine.Empty(q.Type.Accumulator(), 1, q.Size(1), piece.Length))]
            : [.. pieces.Select(piece => KeyedFlashAttention.Forward(engine, output, new(q, k, v), piece))];
    }

    /// <summary>Gradients of <see cref="KeyedAttention"/>: dq is written, dk and dv are added to.</summary>
    /// <param name="logSumExp">What the forward pass returned for the same pieces.</param>
    /// <exception cref="ShapeException">Sizes, types or pieces do not fit.</exception>
    public static void KeyedAttentionBackward(
        this Engine engine, Tensor dq, Tensor dk, Tensor dv, Tensor dOutput, Tensor q, Tensor k, Tensor v, Tensor output,
        Tensor[] logSumExp, IReadOnlyList<QueryPiece> pieces)
    {
        CheckOperands(output, q, k, v, pieces);
        Expect.Is(dOutput, q.Type, q.Shape);
        Expect.Is(dq, q.Type, q.Shape);
        Expect.Is(dk, k.Type, k.Shape);
        Expect.Is(dv, v.Type, v.Shape);
        using var call = engine.Begin(
            "keyed_attention_backward", 2.5 * Flops(q, pieces), 2 * (q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes));
        for (var i = 0; i < pieces.Count && !call.IsShapeOnly; i++)
            KeyedFlashAttention.Backward(engine, new(dq, dk, dv), dOutput, new(q, k, v), output, logSumExp[i], pieces[i]);
    }

    /// <summary>Two products of every query with the keys before its piece, and with half of the piece's own.</summary>
    private static double Flops(Tensor q, IReadOnlyList<QueryPiece> pieces)
    {
        var scores = 0.0;
        foreach (var piece in pieces)
            scores += piece.Length * (piece.Before + (double)piece.Length / 2);
        return 4.0 * scores * q.Size(1) * q.Size(2);
    }

    private static void CheckOperands(Tensor output, Tensor q, Tensor k, Tensor v, IReadOnlyList<QueryPiece> pieces)
    {
        const string Operation = "keyed_attention";
        Expect.Rank(q, 3, operation: Operation);
        Expect.Rank(k, 3, operation: Operation);
        Expect.Is(k, q.Type, [k.Size(0), k.Size(1), q.Size(2)], operation: Operation);
        Expect.Is(v, k.Type, k.Shape, operation: Operation);
        Expect.Is(output, q.Type, q.Shape, operation: Operation);
        if (q.Size(1) % k.Size(1) != 0)
            Expect.Fail(Operation, $"{q.Size(1)} query heads cannot share {k.Size(1)} key/value heads evenly");
        var row = 0L;
        foreach (var piece in pieces)
        {
            if (piece.Start != row || piece.Length < 1 || piece.Before < 0 || piece.KeyStart < 0 || piece.KeyStart + piece.KeyLength > k.Size(0))
                Expect.Fail(Operation, $"{piece} fits neither row {row}, which is next, nor the {k.Size(0)} keys");
            row += piece.Length;
        }

        if (row != q.Size(0))
            Expect.Fail(Operation, $"pieces cover {row} rows of {q.Size(0)}");
    }
}
