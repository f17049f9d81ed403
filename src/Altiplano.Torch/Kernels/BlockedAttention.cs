namespace Altiplano.Torch.Kernels;

/// <summary>A document of a packed batch.</summary>
/// <param name="LogSumExp">Address of its log-sum-exps, [N, Length] of fp32.</param>
internal readonly record struct AttentionDocument(long Start, long Length, nint LogSumExp);

/// <summary>Causal attention on <see cref="BlockKernel"/>: a thread takes whole documents of one key/value head at a time.</summary>
/// <remarks>
/// Every block has the same shape, whatever the documents' lengths: 32 queries against 64 keys, ends padded with zeros. So
/// short documents cost no more than their arithmetic, where a call of libtorch for each costs its overhead.
/// </remarks>
internal static unsafe class BlockedAttention
{
    public static bool Suits(AttentionOperands inputs) =>
        BlockKernel.IsAvailable && inputs.Q.Engine.UsesFusedKernels && inputs.Q.Type is ScalarType.Float32 && inputs.Q.Size(2) % 8 == 0
        && HasContiguousHeads(inputs.Q) && HasContiguousHeads(inputs.K) && HasContiguousHeads(inputs.V);

    public static void Forward(Tensor output, AttentionOperands inputs, IReadOnlyList<AttentionDocument> documents)
    {
        var group = inputs.Q.Size(1) / inputs.K.Size(1);
        var (q, k, v, o) = (PackedHeads.Of(inputs.Q), PackedHeads.Of(inputs.K), PackedHeads.Of(inputs.V), PackedHeads.Of(output));
        ForEach(documents, inputs.K.Size(1), (head, part) =>
        {
            using var pass = new AttentionForward(Longest(part), (int)inputs.Q.Size(2));
            foreach (var document in part)
            {
                pass.Load(k, v, head, document);
                for (var n = head * group; n < (head + 1) * group; n++)
                    pass.Run(q, o, n, document);
            }
        });
    }

    public static void Backward(
        AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, IReadOnlyList<AttentionDocument> documents)
    {
        var group = inputs.Q.Size(1) / inputs.K.Size(1);
        var (q, k, v, o) = (PackedHeads.Of(inputs.Q), PackedHeads.Of(inputs.K), PackedHeads.Of(inputs.V), PackedHeads.Of(output));
        var (dq, dk, dv) = (PackedHeads.Of(gradients.Q), PackedHeads.Of(gradients.K), PackedHeads.Of(gradients.V));
        var d = PackedHeads.Of(dOutput);
        ForEach(documents, inputs.K.Size(1), (head, part) =>
        {
            using var pass = new AttentionBackward(Longest(part), (int)inputs.Q.Size(2));
            foreach (var document in part)
            {
                pass.Load(k, v, head, document);
                for (var n = head * group; n < (head + 1) * group; n++)
                    pass.Run(q, o, d, dq, n, document);
                pass.Store(dk, dv, head, document);
            }
        });
    }

    /// <summary>Shares the pairs of a head and a document out among the threads, all documents of a head in a row.</summary>
    private static void ForEach(
        IReadOnlyList<AttentionDocument> documents, long numHeads, Action<long, IReadOnlyList<AttentionDocument>> body) =>
        ParallelRange.For(numHeads * documents.Count, 1, (begin, end) =>
        {
            while (begin < end)
            {
                var (head, first) = Math.DivRem(begin, documents.Count);
                var count = (int)Math.Min(documents.Count - first, end - begin);
                body(head, [.. documents.Skip((int)first).Take(count)]);
                begin += count;
            }
        });

    private static long Longest(IReadOnlyList<AttentionDocument> documents)
    {
        var longest = 0L;
        foreach (var document in documents)
            longest = Math.Max(longest, document.Length);
        return longest;
    }

    private static bool HasContiguousHeads(Tensor tensor) => tensor.Strides[2] == 1;
}
