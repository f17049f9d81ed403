using System.Collections.Concurrent;
using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>The models of one phase for one size of the batch.</summary>
internal sealed record BatchModels(Workload Workload, TimeModel Time, MemoryModel Memory);

/// <summary>The models of one phase, for each size of the batch that is asked for.</summary>
internal sealed class CostModels(PlanRequest request, PlanPhase phase)
{
    private readonly ConcurrentDictionary<long, BatchModels> _models = [];

    public BatchModels For(long batchSequences) => _models.TryGetValue(batchSequences, out var models)
        ? models
        : _models.GetOrAdd(batchSequences, Create);

    private BatchModels Create(long batchSequences)
    {
        var workload = request.WorkloadOf(phase, batchSequences);
        return new BatchModels(
            workload,
            new TimeModel(workload, request.Cluster, request.Stack.Time),
            new MemoryModel(workload, request.Cluster, request.Stack.Memory));
    }
}
