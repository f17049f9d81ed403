using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>What ranks tell each other with every step, beside what it computes: how many of them want what.</summary>
/// <param name="Stopping">Ranks that were asked to stop.</param>
/// <param name="Writing">Ranks whose files of a checkpoint are on their way to the disk.</param>
public readonly record struct RankNotices(double Stopping, double Writing);

/// <summary>What one step computed; the same bits on all ranks.</summary>
/// <param name="Loss">Mean over the valid tokens of all microbatches, in nats.</param>
/// <param name="GradNorm">Global norm before clipping.</param>
/// <param name="IsApplied">False when loss or norm was not finite: the weights are as they were.</param>
/// <param name="AttentionPairs">Query-key pairs of a head, summed over the documents of the step and over layers.</param>
/// <param name="Notices">Of all ranks.</param>
public readonly record struct StepOutcome(double Loss, double GradNorm, bool IsApplied, double AttentionPairs, RankNotices Notices);

/// <summary>One optimizer step: microbatches forward and backward, norm, clipping, update.</summary>
public static class TrainingStep
{
    /// <param name="microbatches">
    /// This rank's own; gradients are normalised by the number of valid tokens in those of all ranks. Each rank has as many.
    /// </param>
    /// <param name="notices">What this rank tells the others; it travels with the loss and the norm.</param>
    /// <remarks>Collectives: those of the model, and sums of tokens, gradients, loss and norm over the axes whose ranks saw other rows.</remarks>
    public static StepOutcome Run(
        LlamaModel model, AdamW optimizer, IReadOnlyList<HostBatch> microbatches, double learningRate, RankNotices notices = default)
    {
        var (parameters, engine) = (model.Parameters, model.Parameters.Engine);
        var mesh = parameters.Sharding.Mesh;
        parameters.ForgetGradients();
        var read = mesh.SumOverData(
            engine, microbatches.Sum(batch => batch.NumValidTokens), microbatches.Sum(batch => batch.PairsIn(parameters.Architecture)));
        var (valid, pairs) = (read[0], read[1]);
        var sum = new PipelineRunner(model, microbatches, 1.0 / valid).Run();
        parameters.FinishGradients();
        // What the ranks of a tp group were told differs until it is summed over tp too, with the norm.
        var found = mesh.SumOverRows(engine, sum, notices.Stopping, notices.Writing);
        var (loss, norm) = (found[0] / valid, optimizer.GradientNorm(found.AsSpan(1)));
        var isApplied = double.IsFinite(loss) && double.IsFinite(norm);
        if (isApplied)
            optimizer.Update(learningRate, optimizer.ClippingScale(norm));
        return new StepOutcome(loss, norm, isApplied, pairs, new RankNotices(found[1], found[2]));
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
