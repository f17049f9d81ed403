using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Rows of the embedding table by token id.</summary>
public sealed class Embedding(Parameter table)
{
    /// <param name="tokens_R">[R] of i64.</param>
    /// <returns>[R, D]; the caller disposes it.</returns>
    public Tensor Forward(Tensor tokens_R)
    {
        var x_RD = tokens_R.Engine.Empty(table.Weight.Type, tokens_R.Size(0), table.Weight.Size(1));
        tokens_R.Engine.Embed(x_RD, table.Weight, tokens_R);
        return x_RD;
    }

    /// <summary>Adds each row's gradient to its token's; a tied head has written the table's gradient before.</summary>
    public void BackwardWeight(Tensor tokens_R, Tensor dx_RD)
    {
        if (!table.AccumulateNext())
            dx_RD.Engine.Zero(table.Gradient);
        dx_RD.Engine.EmbedBackward(table.Gradient, dx_RD, tokens_R);
    }
}
