using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Attention over cp to keys and values that every rank gathers whole, as Llama 3 did.</summary>
/// <remarks>Collectives over cp: forward an all-gather of keys and values, backward a reduce-scatter of their gradients.</remarks>
internal sealed class GatheredAttention(KeyColumns columns, Axis cp) : IContextAttention
{
    public (Tensor? KeysValues, Tensor LogSumExp) Forward(Tensor output_RNH, Tensor qkv_RW, PackedBatch batch)
    {
        var keysValues = Gather(qkv_RW);
        using var q_RNH = columns.QueriesOf(qkv_RW);
        using var k_RKH = columns.KeysOf(keysValues);
        using var v_RKH = columns.ValuesOf(keysValues);
        var logSumExp_NR = qkv_RW.Engine.Empty(qkv_RW.Type.Accumulator(), q_RNH.Size(1), q_RNH.Size(0));
        qkv_RW.Engine.KeyedAttention(output_RNH, logSumExp_NR, q_RNH, k_RKH, v_RKH, batch.Queries[0]);
        return (keysValues, logSumExp_NR);
    }

    public void Backward(Tensor dQkv_RW, Tensor dOutput_RNH, SavedAttention saved, PackedBatch batch)
    {
        var engine = dQkv_RW.Engine;
        var keysValues = saved.KeysValues!;
        using var dKeysValues = engine.Zeros(keysValues.Type, keysValues.Shape);
        using (var q_RNH = columns.QueriesOf(saved.Qkv_RW))
        using (var k_RKH = columns.KeysOf(keysValues))
        using (var v_RKH = columns.ValuesOf(keysValues))
        using (var dq_RNH = columns.QueriesOf(dQkv_RW))
        using (var dk_RKH = columns.KeysOf(dKeysValues))
        using (var dv_RKH = columns.ValuesOf(dKeysValues))
        {
            engine.KeyedAttentionBackward(
                dq_RNH, dk_RKH, dv_RKH, dOutput_RNH, q_RNH, k_RKH, v_RKH, saved.Output_RNH, saved.LogSumExp[0], batch.Queries[0]);
        }

        var inRankOrder = engine.Empty(keysValues.Type, keysValues.Shape);
        CopyPieces((ranks, rows) => engine.Copy(ranks, rows), inRankOrder, dKeysValues);
        using var own = cp.ReduceScatterRows(inRankOrder);
        columns.Put(dQkv_RW, own);
    }

    /// <summary>k‖v of all rows in their order, [R, 2 K H].</summary>
    private Tensor Gather(Tensor qkv_RW)
    {
        var engine = qkv_RW.Engine;
        using var own = columns.CopyOf(qkv_RW);
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
}
