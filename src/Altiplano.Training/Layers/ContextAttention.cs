using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Attention of this cp rank's queries to the keys and values of all ranks.</summary>
/// <param name="model">The shape with this rank's heads.</param>
/// <remarks>Collectives over cp: forward an all-gather of keys and values, backward a reduce-scatter of their gradients.</remarks>
internal sealed class ContextAttention(LlamaArchitecture model, Axis cp)
{
    private long KeyWidth => (long)model.NumKeyValueHeads * model.HeadDim;

    private long QueryWidth => (long)model.NumAttentionHeads * model.HeadDim;

    /// <param name="output_RNH">[R_cp, N, H], written.</param>
    /// <param name="qkv_RW">[R_cp, W].</param>
    /// <returns>k‖v of all rows in their order, [R, 2 K H], and each piece's log-sum-exp; the caller disposes them.</returns>
    public (Tensor? KeysValues, Tensor[] LogSumExp) Forward(Tensor output_RNH, Tensor qkv_RW, PackedBatch batch)
    {
        var keysValues = Gather(qkv_RW);
        using var q_RNH = Queries(qkv_RW);
        using var k_RKH = Heads(keysValues, 0);
        using var v_RKH = Heads(keysValues, KeyWidth);
        return (keysValues, qkv_RW.Engine.KeyedAttention(output_RNH, q_RNH, k_RKH, v_RKH, batch.Queries));
    }

    /// <param name="dQkv_RW">[R_cp, W], written.</param>
    public void Backward(Tensor dQkv_RW, Tensor dOutput_RNH, SavedAttention saved, PackedBatch batch)
    {
        var engine = dQkv_RW.Engine;
        var keysValues = saved.KeysValues!;
        using var dKeysValues = engine.Zeros(keysValues.Type, keysValues.Shape);
        using (var q_RNH = Queries(saved.Qkv_RW))
        using (var k_RKH = Heads(keysValues, 0))
        using (var v_RKH = Heads(keysValues, KeyWidth))
        using (var dq_RNH = Queries(dQkv_RW))
        using (var dk_RKH = Heads(dKeysValues, 0))
        using (var dv_RKH = Heads(dKeysValues, KeyWidth))
        {
            engine.KeyedAttentionBackward(
                dq_RNH, dk_RKH, dv_RKH, dOutput_RNH, q_RNH, k_RKH, v_RKH, saved.Output_RNH, saved.LogSumExp, batch.Queries);
        }

        var inRankOrder = engine.Empty(keysValues.Type, keysValues.Shape);
        CopyPieces((ranks, rows) => engine.Copy(ranks, rows), inRankOrder, dKeysValues);
        using var own = cp.ReduceScatterRows(inRankOrder);
        using var target = dQkv_RW.Columns(QueryWidth, 2 * KeyWidth);
        engine.Copy(target, own);
    }

    private Tensor Gather(Tensor qkv_RW)
    {
        var engine = qkv_RW.Engine;
        using var own = engine.Empty(qkv_RW.Type, qkv_RW.Size(0), 2 * KeyWidth);
        using var source = qkv_RW.Columns(QueryWidth, 2 * KeyWidth);
        engine.Copy(own, source);
        using var inRankOrder = cp.AllGatherRows(own);
        var all = engine.Empty(qkv_RW.Type, inRankOrder.Shape);
        CopyPieces((ranks, rows) => engine.Copy(rows, ranks), inRankOrder, all);
        return all;
    }

    /// <param name="copy">Gets a piece as it lies among the ranks' parts, and as it lies in the order of rows.</param>
    private void CopyPieces(Action<Tensor, Tensor> copy, Tensor inRankOrder, Tensor inRowOrder)
    {
        var length = inRankOrder.Size(0) / (2 * cp.Degree);
        foreach (var (place, piece) in ContextPart.Order(cp.Degree))
        {
            using var ranks = inRankOrder.Rows(place * length, length);
            using var rows = inRowOrder.Rows(piece * length, length);
            copy(ranks, rows);
        }
    }

    private Tensor Queries(Tensor qkv_RW) =>
        qkv_RW.View([qkv_RW.Size(0), model.NumAttentionHeads, model.HeadDim], [qkv_RW.Strides[0], model.HeadDim, 1]);

    private Tensor Heads(Tensor keysValues, long offset) => keysValues.View(
        [keysValues.Size(0), model.NumKeyValueHeads, model.HeadDim], [keysValues.Strides[0], model.HeadDim, 1], offset);
}
