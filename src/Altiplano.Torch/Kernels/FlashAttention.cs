using Altiplano.Torch.Native;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Queries, keys and values, or their gradients: [R, N, H], [R, K, H], [R, K, H].</summary>
internal readonly record struct AttentionOperands(Tensor Q, Tensor K, Tensor V);

/// <summary>Attention inside documents: our own blocks where they suit, else libtorch's flash attention for the CPU.</summary>
/// <remarks>
/// libtorch is called once for each run of equal segments. A call per document needs no mask of T × T and skips the scores that a mask
/// would throw away. It takes fewer key/value heads than query heads, strided views, fp32, fp64 and bf16.
/// </remarks>
internal static unsafe class FlashAttention
{
    public static Tensor[] Forward(
        Engine engine, Tensor output, Tensor q, Tensor k, Tensor v, IReadOnlyList<Segment> segments)
    {
        var runs = Runs(segments);
        var inputs = new AttentionOperands(q, k, v);
        if (!engine.IsShapeOnly && !BlockedAttention.Suits(inputs))
            return [.. runs.Select(run => ForwardRun(engine, output, inputs, run))];
        Tensor[] logSumExp = [.. runs.Select(run => engine.Empty(q.Type.Accumulator(), run.Count, q.Size(1), run.Length))];
        if (!engine.IsShapeOnly)
            BlockedAttention.Forward(output, inputs, Documents(runs, logSumExp, q.Size(1)));
        return logSumExp;
    }

    public static void ForwardToCache(Engine engine, Tensor output, Tensor q, Tensor k, Tensor v)
    {
        using var q_BNTH = Batched(q, new Run(0, 1, 1));
        using var k_BKSH = Batched(k, new Run(0, k.Size(0), 1));
        using var v_BKSH = Batched(v, new Run(0, k.Size(0), 1));
        nint result, logSumExp;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
            q_BNTH.Handle, k_BKSH.Handle, v_BKSH.Handle, 0, isCausal: 0, null, null, &result, &logSumExp));
        NativeTensor.Delete(logSumExp);
        CopyAndFree(engine, result, output, new Run(0, 1, 1));
    }

    public static void Backward(
        Engine engine, AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output,
        Tensor[] logSumExp, IReadOnlyList<Segment> segments)
    {
        var runs = Runs(segments);
        if (BlockedAttention.Suits(inputs))
        {
            BlockedAttention.Backward(gradients, dOutput, inputs, output, Documents(runs, logSumExp, inputs.Q.Size(1)));
            return;
        }

        for (var i = 0; i < runs.Count; i++)
            BackwardRun(engine, gradients, dOutput, inputs, output, logSumExp[i], runs[i]);
    }

    private static Tensor ForwardRun(Engine engine, Tensor output, AttentionOperands inputs, Run run)
    {
        using var q_BNTH = Batched(inputs.Q, run);
        using var k_BKSH = Batched(inputs.K, run);
        using var v_BKSH = Batched(inputs.V, run);
        nint result, logSumExp;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
            q_BNTH.Handle, k_BKSH.Handle, v_BKSH.Handle, 0, isCausal: 1, null, null, &result, &logSumExp));
        CopyAndFree(engine, result, output, run);
        return NativeTensor.Adopt(engine, logSumExp);
    }

    private static void BackwardRun(
        Engine engine, AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, Tensor logSumExp, Run run)
    {
        using var q_BNTH = Batched(inputs.Q, run);
        using var k_BKSH = Batched(inputs.K, run);
        using var v_BKSH = Batched(inputs.V, run);
        using var o_BNTH = Batched(output, run);
        using var do_BNTH = Batched(dOutput, run);
        nint dq, dk, dv;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward(
            do_BNTH.Handle, q_BNTH.Handle, k_BKSH.Handle, v_BKSH.Handle, o_BNTH.Handle, logSumExp.Handle, 0, isCausal: 1,
            null, null, &dq, &dk, &dv));
        CopyAndFree(engine, dq, gradients.Q, run);
        CopyAndFree(engine, dk, gradients.K, run);
        CopyAndFree(engine, dv, gradients.V, run);
    }

    /// <summary>Copies a result of libtorch, [B, N, T, H], into its rows of a packed tensor.</summary>
    private static void CopyAndFree(Engine engine, nint result, Tensor packed, Run run)
    {
        using var source = NativeTensor.Adopt(engine, result);
        using var destination = Batched(packed, run);
        NativeTensor.Copy(destination, source);
    }

    /// <summary>Rows of a run as libtorch's [B, N, T, H]: a view.</summary>
    private static Tensor Batched(Tensor packed, Run run)
    {
        var rowStride = packed.Strides[0];
        return packed.View(
            [run.Count, packed.Size(1), run.Length, packed.Size(2)],
            [run.Length * rowStride, packed.Strides[1], rowStride, packed.Strides[2]],
            run.Start * rowStride);
    }

    private static List<Run> Runs(IReadOnlyList<Segment> segments)
    {
        var runs = new List<Run>();
        foreach (var segment in segments)
        {
            if (runs is [.., var last] && last.Length == segment.Length)
                runs[^1] = last with { Count = last.Count + 1 };
            else
                runs.Add(new Run(segment.Start, segment.Length, 1));
        }

        return runs;
    }

    private static List<AttentionSpan> Documents(List<Run> runs, Tensor[] logSumExp, long numHeads)
    {
        var documents = new List<AttentionSpan>();
        foreach (var (run, part) in runs.Zip(logSumExp))
        {
            var address = Memory.Of<float>(part);
            for (var i = 0L; i < run.Count; i++)
                documents.Add(AttentionSpan.Document(run.Start + i * run.Length, run.Length, (nint)(address + i * numHeads * run.Length)));
        }

        return documents;
    }

    /// <summary>Neighbouring segments of equal length: one call of libtorch.</summary>
    private readonly record struct Run(long Start, long Length, long Count);
}
