using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>The parts of a step's time with their names, in the order in which they are shown.</summary>
public static class TimeParts
{
    /// <summary>The parts under what they are parts of; a name that stands alone is its own part.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<(string Name, double Seconds)> Parts)> Tree(in StepTime time)
    {
        var parts = Of(time);
        return
        [
            ("compute", [.. parts.Take(5)]), ("communication that nothing hides", [.. parts.Skip(5).Take(4), parts[10]]),
            ("bubble", [parts[9]]), ("optimizer", [parts[11]]), ("stragglers", [parts[12]]),
        ];
    }

    public static IReadOnlyList<(string Name, double Seconds)> Of(in StepTime time) =>
    [
        ("matrices", time.Matrices), ("attention", time.Attention), ("elementwise", time.Elementwise), ("recompute", time.Recompute),
        ("launch and fixed", time.Launch), ("tensor parallel", time.TensorParallel), ("context parallel", time.ContextParallel),
        ("expert parallel", time.ExpertParallel), ("pipeline transfers", time.PipelineTransfers), ("bubble", time.Bubble),
        ("data parallel", time.DataParallel), ("optimizer", time.Optimizer), ("stragglers", time.Stragglers),
    ];
}
