using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Takes rows to the ranks of their experts, and back.</summary>
/// <remarks>
/// Over ep each rank sends the rows that it has itself; over tp, whose ranks have a part of each expert, what one received is gathered, and
/// what comes out summed. Collectives each way: an all-to-all over ep, and an all-gather over tp or a reduce-scatter; where each tp rank
/// has all rows, nothing or an all-reduce.
/// </remarks>
internal sealed class ExpertExchange(Axis ep, Axis tp)
{
    /// <param name="copies_CD">[C, D] in the order of experts; disposed, or returned where there is one rank.</param>
    /// <returns>[S, D] in the order of this rank's experts; the caller disposes it.</returns>
    public Tensor ToExperts(Tensor copies_CD, ExpertRoute route)
    {
        if (route.Sources_S is not { } sources_S)
            return copies_CD;
        using var received = ep.AllToAllRows(copies_CD, route.SendRows, route.ReceiveRows, route.PaddedRows);
        using var all = tp.AllGatherRows(received);
        var rows_SD = all.Engine.Empty(all.Type, sources_S.NumElements, all.Size(1));
        all.Engine.GatherRows(rows_SD, all, sources_S);
        return rows_SD;
    }

    /// <param name="rows_SD">[S, D] {U_tp} in the order of this rank's experts; disposed, or returned where there is one rank.</param>
    /// <returns>[C, D], a sum for each copy, in the order of experts; the caller disposes it.</returns>
    public Tensor FromExperts(Tensor rows_SD, ExpertRoute route)
    {
        if (route.Targets is not { } targets)
            return tp.ReduceScatterRows(rows_SD);
        var all = rows_SD.Engine.Empty(rows_SD.Type, targets.NumElements, rows_SD.Size(1));
        rows_SD.Engine.GatherRows(all, rows_SD, targets);
        rows_SD.Dispose();
        var own = tp.ReduceScatterRows(all);
        return ep.AllToAllRows(own, route.ReceiveRows, route.SendRows, route.SendRows.Sum());
    }
}
