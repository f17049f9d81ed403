using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>How often the machines of a run fail, and what may be done about it; the plan chooses among the policies.</summary>
/// <param name="Policies">At least one that does not drop replicas.</param>
/// <param name="Stragglers">Slow servers; null where they are not counted.</param>
public sealed record RunReliability(FailureRates Rates, IReadOnlyList<RecoveryPolicy> Policies, StragglerRates? Stragglers = null);
