using Altiplano.Torch.Kernels;

namespace Altiplano.Torch.Operators;

/// <summary>Queries that follow each other inside a document, and keys of the same document.</summary>
/// <param name="Start">First row of the queries.</param>
/// <param name="Length">Queries.</param>
/// <param name="KeyStart">First row of the keys, which lie in a tensor of their own.</param>
/// <param name="KeyLength">Keys; where the piece is causal, those up to the last query's own: <paramref name="Length"/> or more.</param>
/// <param name="IsCausal">True where the last query sees all the keys and each earlier one a key less; false where every query sees all.</param>
public readonly record struct QueryPiece(long Start, long Length, long KeyStart, long KeyLength, bool IsCausal = true)
{
    /// <summary>Keys that every query of the piece sees, those up to the first query's own apart.</summary>
    public long Before => IsCausal ? KeyLength - Length : KeyLength;
}

/// <summary>Causal grouped-query attention of pieces of documents to keys that came from elsewhere, all at once or some at a time.</summary>
public static class KeyedAttentionOperators
{
    /// <summary>o = softmax(q kᵀ / √H) v for each piece.</summary>
    /// <param name="output">[R, N, H], contiguous, in the type of q or in its accumulator type.</param>
    /// <param name="logSumExp">[N, R] in the accumulator type: of the scores of each query.</param>
    /// <param name="q">[R, N, H]; may be a strided view of a packed buffer with last stride 1.</param>
    /// <param name="k">[S, K, H]; may be a strided view.</param>
    /// <param name="v">[S, K, H]; may be a strided view.</param>
    /// <param name="pieces">Of the queries, none in two of them; together all rows, unless they accumulate.</param>
    /// <param name="accumulate">Output and log-sum-exp hold the attention to other keys, which these are added to.</param>
    /// <exception cref="ShapeException">Sizes, types or pieces do not fit.</exception>
    /// <remarks>
    /// Results for two sets of keys are put together by their log-sum-exps, as in ring attention (Liu et al. 2023, arXiv:2310.01889).
    /// </remarks>
    public static void KeyedAttention(
        this Engine engine, Tensor output, Tensor logSumExp, Tensor q, Tensor k, Tensor v, IReadOnlyList<QueryPiece> pieces,
        bool accumulate = false)
    {
        CheckOperands(output, logSumExp, q, k, v, pieces, accumulate);
        using var call = engine.Begin("keyed_attention", Flops(q, pieces), q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes);
        if (!call.IsShapeOnly && pieces.Count > 0)
            KeyedFlashAttention.Forward(engine, output, logSumExp, new(q, k, v), pieces, accumulate);
    }

    /// <summary>Gradients of <see cref="KeyedAttention"/>: dk and dv are added to, dq is written, or added to where it accumulates.</summary>
    /// <param name="dq">[R, N, H], in the type of q or in its accumulator type.</param>
    /// <param name="output">Of all keys that the queries see, in the type of q.</param>
    /// <param name="logSumExp">[N, R], of all keys that the queries see.</param>
    /// <exception cref="ShapeException">Sizes, types or pieces do not fit.</exception>
    public static void KeyedAttentionBackward(
        this Engine engine, Tensor dq, Tensor dk, Tensor dv, Tensor dOutput, Tensor q, Tensor k, Tensor v, Tensor output,
        Tensor logSumExp, IReadOnlyList<QueryPiece> pieces, bool accumulate = false)
    {
        CheckOperands(output, logSumExp, q, k, v, pieces, accumulate);
        Expect.Is(output, q.Type, q.Shape);
        Expect.Is(dOutput, q.Type, q.Shape);
        Expect.Is(dq, dq.Type == q.Type ? q.Type : q.Type.Accumulator(), q.Shape);
        Expect.Is(dk, k.Type, k.Shape);
        Expect.Is(dv, v.Type, v.Shape);
        using var call = engine.Begin(
            "keyed_attention_backward", 2.5 * Flops(q, pieces), 2 * (q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes));
        if (!call.IsShapeOnly && pieces.Count > 0)
            KeyedFlashAttention.Backward(engine, new(dq, dk, dv), dOutput, new(q, k, v), output, logSumExp, pieces, accumulate);
    }

    /// <summary>Two products of every query with the keys that all of its piece see, and with half of the piece's own.</summary>
    private static double Flops(Tensor q, IReadOnlyList<QueryPiece> pieces)
    {
        var scores = 0.0;
        foreach (var piece in pieces)
            scores += piece.Length * (piece.Before + (piece.IsCausal ? (double)piece.Length / 2 : 0));
        return 4.0 * scores * q.Size(1) * q.Size(2);
    }

    private static void CheckOperands(
        Tensor output, Tensor logSumExp, Tensor q, Tensor k, Tensor v, IReadOnlyList<QueryPiece> pieces, bool accumulate)
    {
        const string Operation = "keyed_attention";
        Expect.Rank(q, 3, operation: Operation);
        Expect.Rank(k, 3, operation: Operation);
        Expect.Is(k, q.Type, [k.Size(0), k.Size(1), q.Size(2)], operation: Operation);
        Expect.Is(v, k.Type, k.Shape, operation: Operation);
        Expect.Is(output, output.Type == q.Type ? q.Type : q.Type.Accumulator(), q.Shape, operation: Operation);
        Expect.Is(logSumExp, q.Type.Accumulator(), [q.Size(1), q.Size(0)], operation: Operation);
        if (q.Size(1) % k.Size(1) != 0)
            Expect.Fail(Operation, $"{q.Size(1)} query heads cannot share {k.Size(1)} key/value heads evenly");
        var row = 0L;
        foreach (var piece in pieces)
        {
            var isInOrder = accumulate ? piece.Start >= row : piece.Start == row;
            if (!isInOrder || piece.Length < 1 || piece.Before < 0 || piece.KeyStart < 0 || piece.KeyStart + piece.KeyLength > k.Size(0))
                Expect.Fail(Operation, $"{piece} fits neither row {row}, which is next, nor the {k.Size(0)} keys");
            row = piece.Start + piece.Length;
        }

        if (row > q.Size(0) || (!accumulate && row < q.Size(0)))
            Expect.Fail(Operation, $"pieces cover {row} rows of {q.Size(0)}");
    }
}
