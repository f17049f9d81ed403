using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Backtest;

/// <summary>The cost of a step of which only a share of the layers is treated one way, the rest another.</summary>
internal static class StepCostBlend
{
    /// <param name="share">0 is <paramref name="a"/>, 1 is <paramref name="b"/>.</param>
    public static StepCost Between(in StepCost a, in StepCost b, double share) => new(
        Between(a.Time, b.Time, share),
        Between(a.Memory, b.Memory, share),
        b.FullestStage,
        Mix(a.MatrixFlopsPerGpu, b.MatrixFlopsPerGpu, share),
        Mix(a.MemoryTrafficPerGpu, b.MemoryTrafficPerGpu, share),
        Mix(a.NvlinkBytesPerGpu, b.NvlinkBytesPerGpu, share),
        Mix(a.NetworkBytesPerGpu, b.NetworkBytesPerGpu, share));

    private static StepTime Between(in StepTime a, in StepTime b, double share) => new()
    {
        Matrices = Mix(a.Matrices, b.Matrices, share),
        Attention = Mix(a.Attention, b.Attention, share),
        Elementwise = Mix(a.Elementwise, b.Elementwise, share),
        Recompute = Mix(a.Recompute, b.Recompute, share),
        Launch = Mix(a.Launch, b.Launch, share),
        TensorParallel = Mix(a.TensorParallel, b.TensorParallel, share),
        ContextParallel = Mix(a.ContextParallel, b.ContextParallel, share),
        ExpertParallel = Mix(a.ExpertParallel, b.ExpertParallel, share),
        PipelineTransfers = Mix(a.PipelineTransfers, b.PipelineTransfers, share),
        Bubble = Mix(a.Bubble, b.Bubble, share),
        DataParallel = Mix(a.DataParallel, b.DataParallel, share),
        Optimizer = Mix(a.Optimizer, b.Optimizer, share),
        Stragglers = Mix(a.Stragglers, b.Stragglers, share),
    };

    private static MemoryUse Between(in MemoryUse a, in MemoryUse b, double share) => new()
    {
        Parameters = Mix(a.Parameters, b.Parameters, share),
        Gradients = Mix(a.Gradients, b.Gradients, share),
        OptimizerState = Mix(a.OptimizerState, b.OptimizerState, share),
        Activations = Mix(a.Activations, b.Activations, share),
        Temporaries = Mix(a.Temporaries, b.Temporaries, share),
        Logits = Mix(a.Logits, b.Logits, share),
        Framework = Mix(a.Framework, b.Framework, share),
        Fragmentation = Mix(a.Fragmentation, b.Fragmentation, share),
    };

    private static double Mix(double a, double b, double share) => a + share * (b - a);
}
