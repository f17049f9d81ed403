namespace Altiplano.Planning.Costs.Steps;

/// <summary>Bytes of a decoder layer's tensors for one microbatch on one rank.</summary>
internal readonly struct LayerBytes(StepShape shape)
{
    public long Residual => shape.Residual;

    /// <summary>Rows of all tp ranks in a tensor of its own; where the rows are whole it is the residual itself.</summary>
    public long Gathered => shape.RowParts == 1 ? 0 : shape.ResidualOfTp;

    public long Statistics => shape.TpRows * shape.WideWidth;

    public long Qkv => shape.CpRows * shape.QkvWidth * shape.Width;

    public long Output => shape.CpRows * shape.OutputWidth * shape.Width;

    public long LogSumExp => shape.CpRows * shape.Heads * shape.WideWidth;

    public long GateUp => 2 * Activation;

    public long Activation => shape.CpRows * shape.F * shape.Width;

    /// <summary>Keys and values of this cp rank's rows; none on one rank, where they are read where they lie.</summary>
    public long KeysValues => shape.Layout.Cp == 1 ? 0 : shape.CpRows * shape.KeyValueWidth * shape.Width;

    /// <summary>Those of the rows of all cp ranks, where they are gathered.</summary>
    public long AllKeysValues => shape.HasRing ? 0 : KeysValues * shape.Layout.Cp;

    /// <summary>Attention's output, or the gradient of queries, as it is summed round a ring.</summary>
    public long RingSum => shape.HasRing && shape.HasMaster ? shape.CpRows * shape.OutputWidth * shape.WideWidth : 0;

    /// <summary>What the two halves keep, the layer's input apart.</summary>
    /// <param name="withElementwise">False where normalised inputs and SwiGLU's output are computed again.</param>
    public long Halves(bool withElementwise) =>
        2 * Statistics + Qkv + AllKeysValues + Output + LogSumExp + Residual + GateUp + (withElementwise ? 2 * Residual + Activation : 0);

    /// <summary>What a layer keeps from its forward pass to its backward pass, its input included.</summary>
    public long Kept => Residual + (shape.Layout.Recompute == Recompute.Full ? 0 : Halves(shape.Layout.Recompute == Recompute.None));

    /// <summary>Gradients that the weight half needs of the input half: dy, dx of both norms, of the middle, of gate‖up and of q‖k‖v.</summary>
    public long Gradients => 4 * Residual + 2 * Gathered + GateUp + Qkv;

    /// <summary>What is kept between the two halves of a backward pass.</summary>
    public long Work => Gradients + Residual + Halves(shape.Layout.Recompute != Recompute.Selective);
}
