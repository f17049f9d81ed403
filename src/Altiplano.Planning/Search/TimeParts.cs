using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>The parts of a step's time with their names, in the order in which they are shown.</summary>
public static class TimeParts
{
    public static IReadOnlyList<(string Name, double Seconds)> Of(in StepTime time) =>
    [
        ("matrices", time.Matrices), ("attention", time.Attention), ("elementwise", time.Elementwise), ("recompute", time.Recompute),
        ("launch", time.Launch), ("tensor parallel", time.TensorParallel), ("context parallel", time.ContextParallel),
        ("expert parallel", time.ExpertParallel), ("pipeline transfers", time.PipelineTransfers), ("bubble", time.Bubble),
        ("data parallel", time.DataParallel), ("optimizer", time.Optimizer), ("stragglers", time.Stragglers),
    ];
}
