using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>What one step computed.</summary>
/// <param name="Loss">Mean over the valid tokens of all microbatches, in nats.</param>
/// <param name="GradNorm">Global norm before clipping.</param>
/// <param name="IsApplied">False when loss or norm was not finite: the weights are as they were.</param>
public readonly record struct StepOutcome(double Loss, double GradNorm, bool IsApplied);

/// <summary>One optimizer step: microbatches forward and backward, norm, clipping, update.</summary>
public static class TrainingStep
{
    /// <param name="microbatches">
    /// This rank's own; gradients are normalised by the number of valid tokens in those of all ranks. Each rank has as many.
    /// </param>
    /// <remarks>Collectives: those of the model, and sums of tokens, gradients, loss and norm over the axes whose ranks saw other rows.</remarks>
    public static StepOutcome Run(LlamaModel model, AdamW optimizer, IReadOnlyList<HostBatch> microbatches, double learningRate)
    {
        var parameters = model.Parameters;
        var mesh = parameters.Sharding.Mesh;
        parameters.ForgetGradients();
        var valid = mesh.SumOverData(parameters.Engine, microbatches.Sum(batch => batch.NumValidTokens));
        var sum = new PipelineRunner(model, microbatches, 1.0 / valid).Run();
        parameters.FinishGradients();
        var (loss, norm) = (mesh.SumOverRows(parameters.Engine, sum) / valid, optimizer.GradientNorm());
        var isApplied = double.IsFinite(loss) && double.IsFinite(norm);
        if (isApplied)
            optimizer.Update(learningRate, optimizer.ClippingScale(norm));
        return new StepOutcome(loss, norm, isApplied);
    }

    /// <summary>Sum of per-row losses, in row order.</summary>
    public static double SumOf(Tensor losses_R)
    {
        var losses = new double[losses_R.NumElements];
        losses_R.Engine.Download<double>(losses, losses_R);
        var sum = 0.0;
        foreach (var loss in losses)
            sum += loss;
        return sum;
    }
}
