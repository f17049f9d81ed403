using Altiplano.Torch.Kernels;

namespace Altiplano.Torch.Operators;

/// <summary>Rows [Start, Start + Length) of a packed batch that may attend to each other: one document.</summary>
public readonly record struct Segment(long Start, long Length)
{
    /// <summary>Parts of so many rows, the last one shorter where it must be.</summary>
    public IEnumerable<Segment> Cut(long rows)
    {
        for (var done = 0L; done < Length; done += rows)
            yield return new Segment(Start + done, Math.Min(rows, Length - done));
    }
}

/// <summary>Causal grouped-query attention inside the segments of a packed batch.</summary>
public static class AttentionOperators
{
    /// <summary>o = softmax(q kᵀ / √H) v for each segment, keys up to the query's own row.</summary>
    /// <param name="output">[R, N, H], contiguous.</param>
    /// <param name="q">[R, N, H]; may be a strided view of a packed buffer with last stride 1.</param>
    /// <param name="k">[R, K, H]; query head n reads key/value head n / (N / K).</param>
    /// <param name="v">[R, K, H].</param>
    /// <param name="segments">Documents in row order; together they cover all rows.</param>
    /// <returns>
    /// The log-sum-exp of each segment's scores, [1, N, length] each (or [R / T, N, T] for equal segments); the caller
    /// disposes them.
    /// </returns>
    /// <exception cref="ShapeException">Sizes, types or segments do not fit.</exception>
    public static Tensor[] Attention(
        this Engine engine, Tensor output, Tensor q, Tensor k, Tensor v, IReadOnlyList<Segment> segments)
    {
        CheckOperands(output, q, k, v, segments);
        using var call = engine.Begin("attention", Flops(q, segments), q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes);
        return FlashAttention.Forward(engine, output, q, k, v, segments);
    }

    /// <summary>Gradients of <see cref="Attention"/>: written into dq, dk, dv.</summary>
    /// <param name="dq">[R, N, H], contiguous.</param>
    /// <param name="dk">[R, K, H], contiguous.</param>
    /// <param name="dv">[R, K, H], contiguous.</param>
    /// <param name="logSumExp">What the forward pass returned for the same segments.</param>
    /// <exception cref="ShapeException">Sizes, types or segments do not fit.</exception>
    public static void AttentionBackward(
        this Engine engine, Tensor dq, Tensor dk, Tensor dv, Tensor dOutput, Tensor q, Tensor k, Tensor v, Tensor output,
        Tensor[] logSumExp, IReadOnlyList<Segment> segments)
    {
        CheckOperands(output, q, k, v, segments);
        Expect.Is(dOutput, q.Type, q.Shape);
        Expect.Is(dq, q.Type, q.Shape);
        Expect.Is(dk, k.Type, k.Shape);
        Expect.Is(dv, v.Type, v.Shape);
        // Scores are computed again, then dP, dV, dQ, dK: five products where the forward pass had two.
        using var call = engine.Begin(
            "attention_backward", 2.5 * Flops(q, segments), 2 * (q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes));
        if (!call.IsShapeOnly)
            FlashAttention.Backward(engine, new(dq, dk, dv), dOutput, new(q, k, v), output, logSumExp, segments);
    }

    /// <summary>o = softmax(q kᵀ / √H) v over all keys: the step of generation, where one query sees the whole cache.</summary>
    /// <param name="output">[1, N, H].</param>
    /// <param name="q">[1, N, H].</param>
    /// <param name="k">[S, K, H].</param>
    /// <param name="v">[S, K, H].</param>
    public static void AttentionToCache(this Engine engine, Tensor output, Tensor q, Tensor k, Tensor v)
    {
        Expect.Is(output, q.Type, q.Shape);
        Expect.Is(v, k.Type, k.Shape);
        using var call = engine.Begin(
            "attention", 4.0 * q.NumElements * k.Size(0), q.NumBytes + k.NumBytes + v.NumBytes + output.NumBytes);
        if (!call.IsShapeOnly)
            FlashAttention.ForwardToCache(engine, output, q, k, v);
    }

    /// <summary>Two products of length² / 2 scores (causal), for every query head.</summary>
    private static double Flops(Tensor q, IReadOnlyList<Segment> segments)
    {
        var scores = 0.0;
        foreach (var segment in segments)
            scores += (double)segment.Length * segment.Length / 2;
        return 4.0 * scores * q.Size(1) * q.Size(2);
    }

    private static void CheckOperands(Tensor output, Tensor q, Tensor k, Tensor v, IReadOnlyList<Segment> segments)
    {
        const string Operation = "attention";
        Expect.Rank(q, 3, operation: Operation);
        Expect.Rank(k, 3, operation: Operation);
        var (r, n, h) = (q.Size(0), q.Size(1), q.Size(2));
        var kvHeads = k.Size(1);
        Expect.Is(k, q.Type, [r, kvHeads, h], operation: Operation);
        Expect.Is(v, q.Type, [r, kvHeads, h], operation: Operation);
        Expect.Is(output, q.Type, [r, n, h], operation: Operation);
        if (n % kvHeads != 0)
            Expect.Fail(Operation, $"{n} query heads cannot share {kvHeads} key/value heads evenly");
        var row = 0L;
        foreach (var segment in segments)
        {
            if (segment.Start != row || segment.Length < 1)
                Expect.Fail(Operation, $"a segment starts at row {segment.Start} with {segment.Length} rows where row {row} is next");
            row += segment.Length;
        }

        if (row != r)
            Expect.Fail(Operation, $"segments cover {row} rows of {r}");
    }
}
