using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>The bytes that a pass through a chunk makes and lets go, in the order of the trainer's layers.</summary>
/// <remarks>What outlives the pass is no temporary and left out: it counts as activations.</remarks>
internal sealed class PassTape(StepShape shape)
{
    private const long LossBytes = 8;

    private readonly LayerBytes _layer = new(shape);

    private bool IsFull => shape.Layout.Recompute == Recompute.Full;

    private bool IsSelective => shape.Layout.Recompute == Recompute.Selective;

    public long Forward(PipelineChunk chunk)
    {
        var tape = default(Tape);
        if (chunk.IsFirst)
            tape.Pass(_layer.Gathered);
        if (chunk is { IsFirst: true, IsLast: false, NumLayers: 0 })
            tape.Pass(_layer.Residual + _layer.Gathered);
        for (var i = 0; i < chunk.NumLayers; i++)
        {
            var isSent = i == chunk.NumLayers - 1 && !chunk.IsLast;
            ForwardHalves(ref tape, keepsElementwise: shape.Layout.Recompute == Recompute.None, keepsNothing: IsFull, isSent);
        }

        return tape.Peak;
    }

    /// <summary>The whole backward pass, or its input half.</summary>
    public long Backward(PipelineChunk chunk, bool isSplit)
    {
        var tape = default(Tape);
        // Of a split pass the gradients that the weight half needs are no temporaries.
        var dy = isSplit && chunk.NumLayers > 0 ? 0 : _layer.Residual;
        if (chunk.IsLast)
            Head(ref tape, dy);
        else
            tape.Make(dy);
        for (var i = 0; i < chunk.NumLayers; i++)
        {
            var dx = isSplit && (i < chunk.NumLayers - 1 || chunk.IsFirst) ? 0 : _layer.Residual;
            BackwardInput(ref tape, isSplit, dx);
            if (!isSplit)
                BackwardWeight(ref tape, ownsWork: true);
        }

        if (chunk.IsFirst && !isSplit)
            tape.Pass(_layer.Gathered);
        return tape.Peak;
    }

    /// <summary>The weight half on its own.</summary>
    public long BackwardWeight(PipelineChunk chunk)
    {
        var tape = default(Tape);
        if (chunk.NumLayers > 0)
            BackwardWeight(ref tape, ownsWork: false);
        if (chunk.IsFirst)
            tape.Pass(_layer.Gathered);
        return tape.Peak;
    }

    /// <param name="keepsNothing">True where what the halves keep is let go at their end, or is part of the pass that computes it again.</param>
    /// <param name="isSent">True where the result leaves the rank; else it is the next layer's input, which is kept.</param>
    private void ForwardHalves(ref Tape tape, bool keepsElementwise, bool keepsNothing, bool isSent)
    {
        var before = tape.Now;
        var (normed, activation) = (keepsElementwise && !keepsNothing ? 0 : _layer.Residual, keepsElementwise && !keepsNothing ? 0 : _layer.Activation);
        tape.Make(normed + Kept(_layer.Statistics));
        tape.Make(_layer.Gathered + Kept(_layer.Qkv));
        tape.Drop(_layer.Gathered);
        tape.Make(Kept(_layer.Output));
        Attend(ref tape, Kept(_layer.AllKeysValues), Kept(_layer.LogSumExp));
        tape.Make(_layer.Gathered + Kept(_layer.Residual));
        tape.Drop(_layer.Gathered);
        if (!keepsElementwise)
            tape.Drop(normed);
        tape.Make(normed + Kept(_layer.Statistics));
        tape.Make(_layer.Gathered + Kept(_layer.GateUp));
        tape.Drop(_layer.Gathered);
        tape.Make(activation);
        tape.Make(_layer.Gathered + (isSent ? _layer.Residual : 0));
        // Whatever is left of it is let go here, but for the result.
        tape.Drop(tape.Now - before - (isSent ? _layer.Residual : 0));

        long Kept(long bytes) => keepsNothing ? bytes : 0;
    }

    /// <summary>Keys and values of all cp ranks, or of two at a time.</summary>
    private void Attend(ref Tape tape, long keptKeysValues, long keptLogSumExp)
    {
        if (shape.HasRing)
        {
            tape.Make(keptLogSumExp);
            tape.Pass(_layer.RingSum + 2 * _layer.KeysValues);
            return;
        }

        tape.Make(_layer.KeysValues + _layer.AllKeysValues + keptKeysValues);
        tape.Drop(_layer.KeysValues + _layer.AllKeysValues);
        tape.Make(keptLogSumExp);
    }

    /// <summary>
    /// The gradients of all keys and values in two orders, and this rank's; on a ring those at hand and coming, their gradients' term, and
    /// the sums that leave and come.
    /// </summary>
    private long AttendBackward => shape.HasRing
        ? _layer.RingSum + (shape.Layout.Cp == 2 ? 4 : 5) * _layer.KeysValues
        : 2 * _layer.AllKeysValues + _layer.KeysValues;

    /// <param name="dx">What of the gradient of the input is left after the pass as a temporary.</param>
    private void Head(ref Tape tape, long dx)
    {
        tape.Make(shape.CpRows * LossBytes);
        tape.Make(_layer.Residual + _layer.Statistics);
        tape.Make(_layer.Gathered + shape.ResidualOfTp);
        var rows = Math.Min(shape.HeadChunkRows, shape.CpRows);
        var logits = rows * shape.V * shape.WideWidth;
        tape.Make(logits);
        var sums = shape.Tp == 1 ? 0 : 2 * rows * LossBytes;
        tape.Pass(sums + sums / 2);
        tape.Pass(shape.HasMaster ? rows * shape.V * shape.Width : 0);
        tape.Drop(logits);
        if (shape.RowParts > 1)
            tape.Make(_layer.Residual);
        tape.Drop(_layer.Gathered + (shape.RowParts > 1 ? shape.ResidualOfTp : 0));
        tape.Drop(_layer.Residual);
        tape.Make(dx);
        tape.Drop(_layer.Residual + _layer.Statistics);
    }

    private void BackwardInput(ref Tape tape, bool isSplit, long dx)
    {
        if (IsFull)
            Recomputed(ref tape, isSplit);
        tape.Make(Own(_layer.Gathered));
        tape.Make(_layer.Activation);
        tape.Make(Own(_layer.GateUp));
        NormInput(ref tape);
        tape.Drop(_layer.Activation);
        tape.Make(Own(_layer.Gathered));
        tape.Make(_layer.Output);
        tape.Make(Own(_layer.Qkv));
        tape.Pass(AttendBackward);
        NormInput(ref tape, dx);
        tape.Drop(_layer.Output);

        long Own(long bytes) => isSplit ? 0 : bytes;

        // The product's gradient of all tp ranks' rows, this rank's share of it, and the gradient in front of the norm.
        void NormInput(ref Tape tape, long? result = null)
        {
            tape.Make(_layer.Gathered);
            tape.Make(Own(_layer.Residual));
            tape.Drop(_layer.Gathered);
            tape.Make(result ?? Own(_layer.Residual));
        }
    }

    private void Recomputed(ref Tape tape, bool isSplit)
    {
        var before = tape.Now;
        ForwardHalves(ref tape, keepsElementwise: true, keepsNothing: !isSplit, isSent: true);
        tape.Drop(tape.Now - before);
        if (!isSplit)
            tape.Make(_layer.Halves(withElementwise: true));
    }

    /// <param name="ownsWork">True where what the half needs was made in the same pass.</param>
    private void BackwardWeight(ref Tape tape, bool ownsWork)
    {
        WeightHalf(ref tape, IsSelective ? _layer.Activation : 0);
        WeightHalf(ref tape, activation: 0);
        if (ownsWork)
            tape.Drop(_layer.Gradients + (IsFull ? _layer.Halves(withElementwise: true) : 0));
    }

    /// <summary>The normalised rows of all tp ranks, and those of this one where they are computed again; then the activation, likewise.</summary>
    private void WeightHalf(ref Tape tape, long activation)
    {
        var normed = IsSelective ? _layer.Residual : 0;
        tape.Make(normed);
        tape.Pass(IsSelective ? _layer.Statistics : 0);
        tape.Pass(_layer.Gathered + activation);
        tape.Drop(normed);
    }
}
