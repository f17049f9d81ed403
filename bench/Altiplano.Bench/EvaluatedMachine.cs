using System.Collections.Concurrent;
using Altiplano.Planning;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Bench;

/// <summary>One model on one cluster, whose layouts are evaluated in full: legality, memory of every stage, step time, money, watts.</summary>
internal sealed class EvaluatedMachine(PlanRequest request, long world)
{
    private readonly RunModel _run = new(request, request.Phases[0]);
    private readonly ConcurrentDictionary<long, (Workload Workload, CostModel Cost)> _models = [];
    private readonly RecoveryShares _recovery = new RunModel(request, request.Phases[0]).Shares(world, 1);

    public bool IsLegal(in Layout layout, long globalBatchSequences) =>
        LayoutRules.IsLegal(For(globalBatchSequences).Workload, request.Cluster, layout);

    /// <returns>The cost of the run in dollars; infinite for a layout that does not exist or does not fit.</returns>
    public double Evaluate(in Layout layout, long globalBatchSequences)
    {
        var (workload, cost) = For(globalBatchSequences);
        if (!LayoutRules.IsLegal(workload, request.Cluster, layout))
            return double.PositiveInfinity;
        var step = cost.Evaluate(layout);
        var run = _run.Evaluate(layout.World, _recovery, step, workload.TokensPerStep);
        return step.Memory.Total <= request.Cluster.Gpu.Memory.Value ? run.Dollars : double.PositiveInfinity;
    }

    private (Workload Workload, CostModel Cost) For(long globalBatchSequences) =>
        _models.TryGetValue(globalBatchSequences, out var models) ? models : _models.GetOrAdd(globalBatchSequences, Create);

    private (Workload Workload, CostModel Cost) Create(long sequences)
    {
        var workload = request.WorkloadOf(request.Phases[0] with { SeqLen = 2048 }, sequences);
        return (workload, new CostModel(workload, request.Cluster, request.Stack));
    }
}
