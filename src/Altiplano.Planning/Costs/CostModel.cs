using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>What one step of a workload costs on a cluster, for any layout: closed form, without allocation.</summary>
/// <remarks>Does not ask whether a layout is legal: <see cref="LayoutRules"/> does.</remarks>
public sealed class CostModel(Workload workload, ClusterSpec cluster, StackCoefficients stack)
{
    private readonly TimeModel _time = new(workload, cluster, stack.Time);
    private readonly MemoryModel _memory = new(workload, cluster, stack.Memory);

    public StepCost Evaluate(in Layout layout)
    {
        var fullest = _memory.FullestStage(layout, out var memory);
        return _time.Evaluate(layout) with { Memory = memory, FullestStage = fullest };
    }
}
