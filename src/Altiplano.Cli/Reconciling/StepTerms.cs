using Altiplano.Planning.Costs;

namespace Altiplano.Cli.Reconciling;

/// <summary>The parts of a step in the order of its tree, by the names that files use.</summary>
internal static class StepTerms
{
    public static IReadOnlyList<(string Part, double Seconds)> Of(StepTime time) =>
    [
        ("matrices", time.Matrices), ("attention", time.Attention), ("elementwise", time.Elementwise), ("optimizer", time.Optimizer),
        ("launch", time.Launch), ("tensor_parallel", time.TensorParallel), ("context_parallel", time.ContextParallel),
        ("expert_parallel", time.ExpertParallel), ("pipeline_transfers", time.PipelineTransfers), ("data_parallel", time.DataParallel),
        ("bubble", time.Bubble),
    ];

    public static int Place(string part) => Of(default).ToList().FindIndex(p => p.Part == part);
}
