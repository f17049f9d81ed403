namespace Altiplano.Torch.Kernels;

/// <summary>Queries that follow each other, and the keys that they meet: query i sees the first Before + i + 1 of them, or all.</summary>
/// <param name="LogSumExp">Address of the log-sum-exps of the first head, [Length] of fp32.</param>
/// <param name="HeadStride">Elements from one head's log-sum-exps to the next.</param>
internal readonly unsafe record struct AttentionSpan(
    long Start, long Length, long KeyStart, long KeyLength, long Before, nint LogSumExp, long HeadStride)
{
    /// <summary>A whole document, whose log-sum-exps lie apart, [N, Length].</summary>
    public static AttentionSpan Document(long start, long length, nint logSumExp) => new(start, length, start, length, 0, logSumExp, length);

    public float* LogSumExpOf(long head) => (float*)LogSumExp + head * HeadStride;
}

/// <summary>Causal attention on <see cref="BlockKernel"/>: a thread takes spans of one key/value head at a time.</summary>
/// <remarks>
/// Every block has the same shape, whatever the spans' lengths: 32 queries against 64 keys, ends padded with zeros. So
/// short documents cost no more than their arithmetic, where a call of libtorch for each costs its overhead.
/// </remarks>
internal static unsafe class BlockedAttention
{
    public static bool Suits(AttentionOperands inputs) =>
        BlockKernel.IsAvailable && inputs.Q.Engine.UsesFusedKernels && inputs.Q.Type is ScalarType.Float32 && inputs.Q.Size(2) % 8 == 0
        && HasContiguousHeads(inputs.Q) && HasContiguousHeads(inputs.K) && HasContiguousHeads(inputs.V);

    /// <param name="accumulate">Output and log-sum-exps hold what other keys gave.</param>
    public static void Forward(Tensor output, AttentionOperands inputs, IReadOnlyList<AttentionSpan> spans, bool accumulate = false)
    {
        var group = inputs.Q.Size(1) / inputs.K.Size(1);
        var (q, k, v, o) = (PackedHeads.Of(inputs.Q), PackedHeads.Of(inputs.K), PackedHeads.Of(inputs.V), PackedHeads.Of(output));
        ForEach(spans, inputs.K.Size(1), (head, part) =>
        {
            using var pass = new AttentionForward(part.Max(span => span.Length), part.Max(span => span.KeyLength), (int)inputs.Q.Size(2));
            foreach (var span in part)
            {
                pass.Load(k, v, head, span);
                for (var n = head * group; n < (head + 1) * group; n++)
                    pass.Run(q, o, n, span, accumulate);
            }
        });
    }

    /// <summary>Gradients of spans that share no key.</summary>
    public static void Backward(
        AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, IReadOnlyList<AttentionSpan> spans) =>
        ForEach(spans, inputs.K.Size(1), (head, part) =>
            Backward(gradients, dOutput, inputs, output, head, part, addsKeys: false, addsQueries: false));

    /// <summary>Gradients of spans that may share keys, whose gradients are added to: a thread takes all spans of a head.</summary>
    public static void BackwardOnto(
        AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, IReadOnlyList<AttentionSpan> spans, bool addsQueries) =>
        ParallelRange.For(inputs.K.Size(1), 1, (begin, end) =>
        {
            for (var head = begin; head < end; head++)
                Backward(gradients, dOutput, inputs, output, head, spans, addsKeys: true, addsQueries);
        });

    private static void Backward(
        AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, long head, IReadOnlyList<AttentionSpan> spans,
        bool addsKeys, bool addsQueries)
    {
        var group = inputs.Q.Size(1) / inputs.K.Size(1);
        var (q, k, v, o) = (PackedHeads.Of(inputs.Q), PackedHeads.Of(inputs.K), PackedHeads.Of(inputs.V), PackedHeads.Of(output));
        var (dq, dk, dv) = (PackedHeads.Of(gradients.Q), PackedHeads.Of(gradients.K), PackedHeads.Of(gradients.V));
        var d = PackedHeads.Of(dOutput);
        using var pass = new AttentionBackward(spans.Max(span => span.Length), spans.Max(span => span.KeyLength), (int)inputs.Q.Size(2));
        foreach (var span in spans)
        {
            pass.Load(k, v, head, span);
            for (var n = head * group; n < (head + 1) * group; n++)
                pass.Run(q, o, d, dq, n, span, addsQueries);
            pass.Store(dk, dv, head, span, addsKeys);
        }
    }

    /// <summary>Shares the pairs of a head and a span out among the threads, all spans of a head in a row.</summary>
    private static void ForEach(IReadOnlyList<AttentionSpan> spans, long numHeads, Action<long, IReadOnlyList<AttentionSpan>> body) =>
        ParallelRange.For(numHeads * spans.Count, 1, (begin, end) =>
        {
            while (begin < end)
            {
                var (head, first) = Math.DivRem(begin, spans.Count);
                var count = (int)Math.Min(spans.Count - first, end - begin);
                body(head, [.. spans.Skip((int)first).Take(count)]);
                begin += count;
            }
        });

    private static bool HasContiguousHeads(Tensor tensor) => tensor.Strides[2] == 1;
}
