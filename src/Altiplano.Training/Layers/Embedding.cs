using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Rows of the embedding table by token id.</summary>
/// <remarks>Over tp: table[V_tp, D]. Collectives: forward a reduce-scatter of rows, backward an all-gather.</remarks>
public sealed class Embedding(Parameter table, Axis tp)
{
    /// <param name="tokens_R">[R] of i64: rows of this rank's table, -1 for those of others.</param>
    /// <returns>[R_tp, D]; the caller disposes it.</returns>
    public Tensor Forward(Tensor tokens_R)
    {
        var x_RD = tokens_R.Engine.Empty(table.Weight.Type, tokens_R.Size(0), table.Weight.Size(1));
        tokens_R.Engine.Embed(x_RD, table.Weight, tokens_R);
        return tp.ReduceScatterRows(x_RD);
    }

    /// <summary>Adds each row's gradient to its token's; a tied head has written the table's gradient before.</summary>
    public void BackwardWeight(Tensor tokens_R, Tensor dx_RD)
    {
        if (!table.AccumulateNext())
            dx_RD.Engine.Zero(table.Gradient);
        using var dxOfAll_RD = tp.AllGatherRows(dx_RD);
        dx_RD.Engine.EmbedBackward(table.Gradient, dxOfAll_RD, tokens_R);
    }
}
