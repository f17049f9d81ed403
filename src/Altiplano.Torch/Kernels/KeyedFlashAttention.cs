using Altiplano.Torch.Native;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Pieces of documents: our own blocks where they suit, else libtorch's flash attention for the CPU.</summary>
/// <remarks>
/// libtorch is called for the keys that all queries of a piece see, and causally for its own. The two are put together by their
/// log-sum-exps; backward, each takes the whole's output and log-sum-exp and gives its share, as in ring attention (Liu et al. 2023,
/// arXiv:2310.01889).
/// </remarks>
internal static unsafe class KeyedFlashAttention
{
    public static void Forward(
        Engine engine, Tensor output, Tensor logSumExp, AttentionOperands inputs, IReadOnlyList<QueryPiece> pieces, bool accumulate)
    {
        if (BlockedAttention.Suits(inputs))
        {
            BlockedAttention.Forward(output, inputs, Spans(logSumExp, pieces), accumulate);
            return;
        }

        foreach (var piece in pieces)
            Forward(engine, output, logSumExp, inputs, piece, accumulate);
    }

    public static void Backward(
        Engine engine, AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, Tensor logSumExp,
        IReadOnlyList<QueryPiece> pieces, bool accumulate)
    {
        if (BlockedAttention.Suits(inputs))
        {
            BlockedAttention.BackwardOnto(gradients, dOutput, inputs, output, Spans(logSumExp, pieces), accumulate);
            return;
        }

        foreach (var piece in pieces)
            Backward(engine, gradients, dOutput, inputs, output, logSumExp, piece, accumulate);
    }

    private static void Forward(
        Engine engine, Tensor output, Tensor logSumExp, AttentionOperands inputs, QueryPiece piece, bool accumulate)
    {
        using var scope = new AtenScope(engine);
        var q = Batched(scope, inputs.Q, piece.Start, piece.Length);
        var (o, sum) = (Batched(scope, output, piece.Start, piece.Length), SumsOf(scope, logSumExp, piece));
        Attended? result = accumulate ? new Attended(o, sum) : null;
        if (piece.Before > 0)
            result = Join(scope, result, Attend(scope, q, inputs, piece.KeyStart, piece.Before, isCausal: false));
        if (piece.IsCausal)
            result = Join(scope, result, Attend(scope, q, inputs, piece.KeyStart + piece.Before, piece.Length, isCausal: true));
        NativeTensor.Copy(o, result!.Value.Output);
        NativeTensor.Copy(sum, result.Value.LogSumExp);
    }

    private static void Backward(
        Engine engine, AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, Tensor logSumExp,
        QueryPiece piece, bool accumulate)
    {
        using var scope = new AtenScope(engine);
        var saved = new SavedPiece(
            Batched(scope, inputs.Q, piece.Start, piece.Length), Batched(scope, output, piece.Start, piece.Length),
            Batched(scope, dOutput, piece.Start, piece.Length), SumsOf(scope, logSumExp, piece));
        var dq = Batched(scope, gradients.Q, piece.Start, piece.Length);
        var sum = accumulate ? dq : null;
        if (piece.Before > 0)
            sum = Sum(scope, sum, Share(scope, saved, gradients, inputs, piece.KeyStart, piece.Before, isCausal: false), dq.Type);
        if (piece.IsCausal)
            sum = Sum(scope, sum, Share(scope, saved, gradients, inputs, piece.KeyStart + piece.Before, piece.Length, isCausal: true), dq.Type);
        NativeTensor.Copy(dq, sum!);
    }

    private static List<AttentionSpan> Spans(Tensor logSumExp, IReadOnlyList<QueryPiece> pieces)
    {
        var sums = Memory.Of<float>(logSumExp);
        return [.. pieces.Select(piece => new AttentionSpan(
            piece.Start, piece.Length, piece.KeyStart, piece.KeyLength, piece.Before, (nint)(sums + piece.Start), logSumExp.Strides[0]))];
    }

    private static Attended Join(AtenScope scope, Attended? before, Attended next)
    {
        if (before is not { } a)
            return next;
        var sum = scope.LogAddExp(a.LogSumExp, next.LogSumExp);
        return new Attended(scope.Add(Weighted(scope, a, sum), Weighted(scope, next, sum)), sum);
    }

    private static Tensor Sum(AtenScope scope, Tensor? before, Tensor next, ScalarType type) =>
        before is null ? scope.To(next, type) : scope.Add(before, scope.To(next, type));

    private static Attended Attend(
        AtenScope scope, Tensor q, AttentionOperands inputs, long start, long length, bool isCausal)
    {
        var (k, v) = (Batched(scope, inputs.K, start, length), Batched(scope, inputs.V, start, length));
        nint result, logSumExp;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
            q.Handle, k.Handle, v.Handle, 0, isCausal ? 1 : 0, null, null, &result, &logSumExp));
        return new Attended(scope.Adopt(result), scope.Adopt(logSumExp));
    }

    /// <summary>Adds to the gradients of some keys and values.</summary>
    /// <returns>Their share of dq, [1, N, T, H].</returns>
    private static Tensor Share(
        AtenScope scope, SavedPiece saved, AttentionOperands gradients, AttentionOperands inputs, long start, long length, bool isCausal)
    {
        var (k, v) = (Batched(scope, inputs.K, start, length), Batched(scope, inputs.V, start, length));
        nint dq, dk, dv;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward(
            saved.DOutput.Handle, saved.Q.Handle, k.Handle, v.Handle, saved.Output.Handle, saved.LogSumExp.Handle, 0, isCausal ? 1 : 0,
            null, null, &dq, &dk, &dv));
        AddTo(scope, Batched(scope, gradients.K, start, length), scope.Adopt(dk));
        AddTo(scope, Batched(scope, gradients.V, start, length), scope.Adopt(dv));
        return scope.Adopt(dq);
    }

    private static void AddTo(AtenScope scope, Tensor sum, Tensor addend) => NativeTensor.Copy(sum, scope.Add(sum, addend));

    private static Tensor Weighted(AtenScope scope, Attended part, Tensor sum)
    {
        var weight = scope.Exp(scope.Sub(part.LogSumExp, sum));
        return scope.Mul(scope.To(part.Output, sum.Type), scope.View(weight, [.. weight.Shape, 1], [.. weight.Strides, 1]));
    }

    /// <summary>A piece's columns of [N, R] as libtorch's [1, N, T]: a view.</summary>
    private static Tensor SumsOf(AtenScope scope, Tensor logSumExp, QueryPiece piece) => scope.View(
        logSumExp, [1, logSumExp.Size(0), piece.Length], [logSumExp.NumElements, logSumExp.Strides[0], 1], piece.Start);

    /// <summary>Rows as libtorch's [1, N, T, H]: a view.</summary>
    private static Tensor Batched(AtenScope scope, Tensor packed, long start, long length) => scope.View(
        packed, [1, packed.Size(1), length, packed.Size(2)], [length * packed.Strides[0], packed.Strides[1], packed.Strides[0], packed.Strides[2]],
        start * packed.Strides[0]);

    /// <summary>Attention to some keys, [1, N, T, H], and the log-sum-exp of their scores, [1, N, T].</summary>
    private readonly record struct Attended(Tensor Output, Tensor LogSumExp);

    private readonly record struct SavedPiece(Tensor Q, Tensor Output, Tensor DOutput, Tensor LogSumExp);
}
