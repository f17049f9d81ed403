using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>How often the machines of a run fail, and what may be done about it; the plan chooses among the policies.</summary>
/// <param name="Policies">At least one that does not drop replicas.</param>
/// <param name="Stragglers">Slow servers; null where they are not counted.</param>
public sealed record RunReliability(FailureRates Rates, IReadOnlyList<RecoveryPolicy> Policies, StragglerRates? Stragglers = null)
{
    /// <summary>The same with the checkpoints of a model on so many GPUs of a cluster.</summary>
    public RunReliability For(TransformerShape model, ClusterSpec cluster, long gpus) => this with { Policies = Sized(Policies, model, cluster, gpus) };

    /// <summary>Policies with the checkpoints of a model on so many GPUs of a cluster.</summary>
    public static IReadOnlyList<RecoveryPolicy> Sized(IEnumerable<RecoveryPolicy> policies, TransformerShape model, ClusterSpec cluster, long gpus)
    {
        var parameters = new ShapeParameters(model).Total;
        return [.. policies.Select(policy => CheckpointSizing.Of(policy, parameters, cluster, gpus))];
    }
}
