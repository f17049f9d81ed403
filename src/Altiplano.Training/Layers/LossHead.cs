using Altiplano.Distributed;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Output projection and loss as one operator: the logits of all rows never exist at once.</summary>
/// <param name="weight">[V, D]; the embedding table itself when the model is tied.</param>
/// <param name="chunkRows">
/// Rows whose logits exist at a time. Fewer save memory; below 512 the weight's repacking costs time.
/// </param>
/// <remarks>
/// Over tp: weight[V_tp, D], x[R_tp, D], losses of all rows on every rank. Collectives: an all-gather of rows, for each chunk all-reduces of
/// the rows' maxima and sums, with gradients a reduce-scatter of rows.
/// </remarks>
public sealed class LossHead(Parameter weight, int chunkRows, Axis tp)
{
    /// <summary>Losses, the gradient of the input, and the weight's gradient, each chunk in a single pass.</summary>
    /// <param name="losses_R">[R] of f64, written.</param>
    /// <param name="x_RD">[R_tp, D].</param>
    /// <param name="scale">1 / valid tokens of the whole batch.</param>
    /// <returns>dx [R_tp, D]; the caller disposes it.</returns>
    public Tensor ForwardBackward(Tensor losses_R, Tensor x_RD, Tensor targets_R, double scale)
    {
        using var all_RD = tp.AllGatherRows(x_RD);
        var dx_RD = x_RD.Engine.Empty(x_RD.Type, all_RD.Shape);
        ForEachChunk(losses_R, all_RD, targets_R, (losses, x, targets, start) =>
        {
            using var logits_CV = Logits(x);
            LossesAndGradient(losses, logits_CV, targets, scale);
            using var rounded_CV = Rounded(logits_CV, x.Type);
            using var dx = dx_RD.Rows(start, x.Size(0));
            x.Engine.MatMul(dx, rounded_CV ?? logits_CV, weight.Weight);
            x.Engine.MatMul(weight.Gradient, rounded_CV ?? logits_CV, x, transposeA: true, accumulate: weight.AccumulateNext());
        });
        return tp.ReduceScatterRows(dx_RD);
    }

    /// <summary>Losses alone.</summary>
    public void Forward(Tensor losses_R, Tensor x_RD, Tensor targets_R)
    {
        using var all_RD = tp.AllGatherRows(x_RD);
        ForEachChunk(losses_R, all_RD, targets_R, (losses, x, targets, _) =>
        {
            using var logits_CV = Logits(x);
            LossesOnly(losses, logits_CV, targets);
        });
    }

    /// <summary>x Wᵀ in the accumulator type, [R, V_tp]; the caller disposes it.</summary>
    public Tensor Logits(Tensor x_RD)
    {
        var logits_RV = x_RD.Engine.Empty(x_RD.Type.Accumulator(), x_RD.Size(0), weight.Weight.Size(0));
        x_RD.Engine.MatMul(logits_RV, x_RD, weight.Weight, transposeB: true);
        return logits_RV;
    }

    private void LossesAndGradient(Tensor losses, Tensor logits_CV, Tensor targets, double scale)
    {
        if (tp.Degree == 1)
        {
            logits_CV.Engine.CrossEntropy(losses, logits_CV, targets, scale);
            return;
        }

        using var sums_2C = ExponentialSums(logits_CV, targets);
        logits_CV.Engine.LossesFromSums(losses, sums_2C, targets);
        logits_CV.Engine.GradientFromSums(logits_CV, sums_2C, targets, scale);
    }

    private void LossesOnly(Tensor losses, Tensor logits_CV, Tensor targets)
    {
        if (tp.Degree == 1)
        {
            logits_CV.Engine.CrossEntropyLosses(losses, logits_CV, targets);
            return;
        }

        using var sums_2C = ExponentialSums(logits_CV, targets);
        logits_CV.Engine.LossesFromSums(losses, sums_2C, targets);
    }

    /// <summary>Each row's sum of exponentials and target's logit over the whole vocabulary; the logits become exponentials.</summary>
    private Tensor ExponentialSums(Tensor logits_CV, Tensor targets)
    {
        var engine = logits_CV.Engine;
        using var maxima_C = engine.Empty(ScalarType.Float64, logits_CV.Size(0));
        engine.RowMaxima(maxima_C, logits_CV);
        tp.AllReduce(maxima_C, ReduceOp.Max);
        var sums_2C = engine.Empty(ScalarType.Float64, 2, logits_CV.Size(0));
        engine.ExponentialSums(sums_2C, logits_CV, maxima_C, targets);
        tp.AllReduce(sums_2C);
        return sums_2C;
    }

    /// <summary>Runs the body on views of successive rows, with the first row's number.</summary>
    private void ForEachChunk(Tensor losses_R, Tensor x_RD, Tensor targets_R, Action<Tensor, Tensor, Tensor, long> body)
    {
        for (var start = 0L; start < x_RD.Size(0); start += chunkRows)
        {
            var count = Math.Min(chunkRows, x_RD.Size(0) - start);
            using var losses = losses_R.Rows(start, count);
            using var x = x_RD.Rows(start, count);
            using var targets = targets_R.Rows(start, count);
            body(losses, x, targets, start);
        }
    }

    /// <summary>A copy in the activation type, or null when it has it already.</summary>
    private static Tensor? Rounded(Tensor gradient, ScalarType type)
    {
        if (gradient.Type == type)
            return null;
        var rounded = gradient.Engine.Empty(type, gradient.Shape);
        gradient.Engine.Copy(rounded, gradient);
        return rounded;
    }
}
