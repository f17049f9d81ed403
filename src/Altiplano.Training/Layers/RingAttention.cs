using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Attention over cp to keys and values that travel round the ranks: no rank ever holds all of them.</summary>
/// <remarks>
/// Source: Liu et al. 2023, arXiv:2310.01889. Each rank attends to one rank's k‖v at a time, its own first; the results are put together
/// by their log-sum-exps. Collectives over cp, each a send to the next rank and a receive from the one before: forward cp - 1 of k‖v,
/// backward cp - 1 of k‖v and cp of their gradients, which gather a term on every rank and end at home; each behind the next attention.
/// </remarks>
internal sealed class RingAttention(KeyColumns columns, Axis cp) : IContextAttention
{
    public (Tensor? KeysValues, Tensor LogSumExp) Forward(Tensor output_RNH, Tensor qkv_RW, PackedBatch batch)
    {
        var engine = qkv_RW.Engine;
        using var q_RNH = columns.QueriesOf(qkv_RW);
        var logSumExp_NR = engine.Empty(qkv_RW.Type.Accumulator(), q_RNH.Size(1), q_RNH.Size(0));
        using var wide_RNH = Wide(output_RNH);
        foreach (var (step, keysValues) in KeysValuesOf(qkv_RW))
        {
            using var k_RKH = columns.KeysOf(keysValues);
            using var v_RKH = columns.ValuesOf(keysValues);
            engine.KeyedAttention(wide_RNH ?? output_RNH, logSumExp_NR, q_RNH, k_RKH, v_RKH, batch.Queries[step], accumulate: step > 0);
        }

        if (wide_RNH is not null)
            engine.Copy(output_RNH, wide_RNH);
        return (null, logSumExp_NR);
    }

    public void Backward(Tensor dQkv_RW, Tensor dOutput_RNH, SavedAttention saved, PackedBatch batch)
    {
        var engine = dQkv_RW.Engine;
        using var dq_RNH = columns.QueriesOf(dQkv_RW);
        using var wide_RNH = Wide(dq_RNH);
        RingSum? sum = null;
        foreach (var (step, keysValues) in KeysValuesOf(saved.Qkv_RW))
        {
            var term = TermOf(keysValues, wide_RNH ?? dq_RNH, dOutput_RNH, saved, batch.Queries[step], accumulate: step > 0);
            sum = RingSum.Pass(cp, term, sum);
        }

        using var own = sum!.Value.Wait();
        columns.Put(dQkv_RW, own);
        if (wide_RNH is not null)
            engine.Copy(dq_RNH, wide_RNH);
    }

    /// <summary>This rank's share of the gradients of a rank's keys and values; adds theirs to dq.</summary>
    private Tensor TermOf(
        Tensor keysValues, Tensor dq_RNH, Tensor dOutput_RNH, SavedAttention saved, IReadOnlyList<QueryPiece> queries, bool accumulate)
    {
        var term = keysValues.Engine.Zeros(keysValues.Type, keysValues.Shape);
        using var q_RNH = columns.QueriesOf(saved.Qkv_RW);
        using var k_RKH = columns.KeysOf(keysValues);
        using var v_RKH = columns.ValuesOf(keysValues);
        using var dk_RKH = columns.KeysOf(term);
        using var dv_RKH = columns.ValuesOf(term);
        keysValues.Engine.KeyedAttentionBackward(
            dq_RNH, dk_RKH, dv_RKH, dOutput_RNH, q_RNH, k_RKH, v_RKH, saved.Output_RNH, saved.LogSumExp[0], queries, accumulate);
        return term;
    }

    /// <summary>Room for sums in the accumulator type; null where the tensor has it itself.</summary>
    private static Tensor? Wide(Tensor tensor) => tensor.Type == tensor.Type.Accumulator()
        ? null
        : tensor.Engine.Empty(tensor.Type.Accumulator(), tensor.Shape);

    /// <summary>k‖v of one rank after the other, this rank's own first; the next is on its way while one is used.</summary>
    private IEnumerable<(int Step, Tensor KeysValues)> KeysValuesOf(Tensor qkv_RW)
    {
        var current = columns.CopyOf(qkv_RW);
        for (var step = 0; step < cp.Degree - 1; step++)
        {
            var next = current.Engine.Empty(current.Type, current.Shape);
            var passing = cp.StartPass(current, next);
            yield return (step, current);
            passing.Wait();
            current = next;
        }

        yield return (cp.Degree - 1, current);
        current.Dispose();
    }

    /// <summary>Gradients on their way round: what arrives from the rank before.</summary>
    private readonly record struct RingSum(Tensor Arriving, TensorPending Passing)
    {
        /// <summary>Adds what has arrived to a term and sends the sum on.</summary>
        public static RingSum Pass(Axis cp, Tensor term, RingSum? sum)
        {
            if (sum is { } before)
            {
                using var arrived = before.Wait();
                term.Engine.Add(term, arrived);
            }

            var arriving = term.Engine.Empty(term.Type, term.Shape);
            return new RingSum(arriving, cp.StartPass(term, arriving));
        }

        public Tensor Wait()
        {
            Passing.Wait();
            return Arriving;
        }
    }
}
