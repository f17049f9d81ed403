using Altiplano.Torch.Native;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>One piece of a document by libtorch's flash attention: against the keys before the piece, and causally against its own.</summary>
/// <remarks>
/// The two are put together by their log-sum-exps; backward, each takes the whole's output and log-sum-exp and gives its share, as in
/// ring attention (Liu et al. 2023, arXiv:2310.01889).
/// </remarks>
internal static unsafe class KeyedFlashAttention
{
    public static Tensor Forward(Engine engine, Tensor output, AttentionOperands inputs, QueryPiece piece)
    {
        using var scope = new AtenScope(engine);
        var q = Batched(scope, inputs.Q, piece.Start, piece.Length);
        var o = Batched(scope, output, piece.Start, piece.Length);
        var (own, ownSum) = Attend(scope, q, inputs, piece.KeyStart + piece.Before, piece.Length, isCausal: true);
        var sum = engine.Empty(output.Type.Accumulator(), 1, output.Size(1), piece.Length);
        if (piece.Before == 0)
        {
            NativeTensor.Copy(o, own);
            NativeTensor.Copy(sum, ownSum);
            return sum;
        }

        var (before, beforeSum) = Attend(scope, q, inputs, piece.KeyStart, piece.Before, isCausal: false);
        NativeTensor.Copy(sum, scope.LogAddExp(ownSum, beforeSum));
        NativeTensor.Copy(o, scope.Add(Weighted(scope, own, ownSum, sum), Weighted(scope, before, beforeSum, sum)));
        return sum;
    }

    public static void Backward(
        Engine engine, AttentionOperands gradients, Tensor dOutput, AttentionOperands inputs, Tensor output, Tensor logSumExp, QueryPiece piece)
    {
        using var scope = new AtenScope(engine);
        var saved = new SavedPiece(
            Batched(scope, inputs.Q, piece.Start, piece.Length), Batched(scope, output, piece.Start, piece.Length),
            Batched(scope, dOutput, piece.Start, piece.Length), logSumExp);
        var dq = Share(scope, saved, gradients, inputs, piece.KeyStart + piece.Before, piece.Length, isCausal: true);
        if (piece.Before > 0)
            dq = scope.Add(dq, Share(scope, saved, gradients, inputs, piece.KeyStart, piece.Before, isCausal: false));
        NativeTensor.Copy(Batched(scope, gradients.Q, piece.Start, piece.Length), dq);
    }

    private static (Tensor Output, Tensor LogSumExp) Attend(
        AtenScope scope, Tensor q, AttentionOperands inputs, long start, long length, bool isCausal)
    {
        var (k, v) = (Batched(scope, inputs.K, start, length), Batched(scope, inputs.V, start, length));
        nint result, logSumExp;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
            q.Handle, k.Handle, v.Handle, 0, isCausal ? 1 : 0, null, null, &result, &logSumExp));
        return (scope.Adopt(result), scope.Adopt(logSumExp));
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

    private static Tensor Weighted(AtenScope scope, Tensor output, Tensor logSumExp, Tensor sum)
    {
        var weight = scope.Exp(scope.Sub(logSumExp, sum));
        return scope.Mul(scope.To(output, sum.Type), scope.View(weight, [.. weight.Shape, 1], [.. weight.Strides, 1]));
    }

    /// <summary>Rows as libtorch's [1, N, T, H]: a view.</summary>
    private static Tensor Batched(AtenScope scope, Tensor packed, long start, long length) => scope.View(
        packed, [1, packed.Size(1), length, packed.Size(2)], [length * packed.Strides[0], packed.Strides[1], packed.Strides[0], packed.Strides[2]],
        start * packed.Strides[0]);

    private readonly record struct SavedPiece(Tensor Q, Tensor Output, Tensor DOutput, Tensor LogSumExp);
}
