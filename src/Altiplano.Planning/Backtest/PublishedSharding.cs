using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>What runs that call themselves ZeRO 2 under a pipeline do: gradients are sharded, yet reduced once a step.</summary>
/// <remarks>
/// Our ZeRO 2 reduces those of each microbatch. Llama 3 adds them up over microbatches before it scatters them, and PyTorch's
/// pipelines let FSDP reduce at the last backward pass only: docs/planning.md.
/// </remarks>
internal static class PublishedSharding
{
    /// <summary>The layout whose traffic such a run has: ZeRO 1 in place of 2.</summary>
    public static Layout Timed(in Layout layout) => layout is { ZeroStage: 2, Pp: > 1 } ? layout with { ZeroStage = 1 } : layout;

    /// <summary>Time of one reduction a step, memory of sharded gradients.</summary>
    public static StepCost Cost(CostModel model, in Layout layout)
    {
        var cost = model.Evaluate(layout);
        var timed = Timed(layout);
        return timed == layout ? cost : model.Evaluate(timed) with { Memory = cost.Memory, FullestStage = cost.FullestStage };
    }
}
