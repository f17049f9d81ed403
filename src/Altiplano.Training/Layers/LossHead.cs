using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Output projection and loss as one operator: the logits of all rows never exist at once.</summary>
/// <param name="weight">[V, D]; the embedding table itself when the model is tied.</param>
/// <param name="chunkRows">
/// Rows whose logits exist at a time. Fewer save memory; below 512 the weight's repacking costs time.
/// </param>
public sealed class LossHead(Parameter weight, int chunkRows)
{
    /// <summary>Losses, the gradient of the input, and the weight's gradient, each chunk in a single pass.</summary>
    /// <param name="losses_R">[R] of f64, written.</param>
    /// <param name="x_RD">[R, D].</param>
    /// <param name="scale">1 / valid tokens of the whole batch.</param>
    /// <returns>dx [R, D]; the caller disposes it.</returns>
    public Tensor ForwardBackward(Tensor losses_R, Tensor x_RD, Tensor targets_R, double scale)
    {
        var dx_RD = x_RD.Engine.Empty(x_RD.Type, x_RD.Shape);
        ForEachChunk(losses_R, x_RD, targets_R, (losses, x, targets, start) =>
        {
            using var logits_CV = Logits(x);
            x.Engine.CrossEntropy(losses, logits_CV, targets, scale);
            using var rounded_CV = Rounded(logits_CV, x.Type);
            using var dx = dx_RD.Rows(start, x.Size(0));
            x.Engine.MatMul(dx, rounded_CV ?? logits_CV, weight.Weight);
            x.Engine.MatMul(weight.Gradient, rounded_CV ?? logits_CV, x, transposeA: true, accumulate: weight.AccumulateNext());
        });
        return dx_RD;
    }

    /// <summary>Losses alone.</summary>
    public void Forward(Tensor losses_R, Tensor x_RD, Tensor targets_R) =>
        ForEachChunk(losses_R, x_RD, targets_R, (losses, x, targets, _) =>
        {
            using var logits_CV = Logits(x);
            x.Engine.CrossEntropyLosses(losses, logits_CV, targets);
        });

    /// <summary>x Wᵀ in the accumulator type, [R, V]; the caller disposes it.</summary>
    public Tensor Logits(Tensor x_RD)
    {
        var logits_RV = x_RD.Engine.Empty(x_RD.Type.Accumulator(), x_RD.Size(0), weight.Weight.Size(0));
        x_RD.Engine.MatMul(logits_RV, x_RD, weight.Weight, transposeB: true);
        return logits_RV;
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
