using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>Chooses policy, checkpoint interval and spares together.</summary>
public static class RecoverySearch
{
    /// <summary>Each policy at its best, the best first.</summary>
    /// <param name="policies">At least one; those that drop replicas are left out of a run with one replica.</param>
    public static IReadOnlyList<RecoveryChoice> Rank(
        FailureRates rates, IEnumerable<RecoveryPolicy> policies, RunScale scale, StragglerRates? stragglers = null) =>
    [
        .. policies.Where(policy => !policy.DropsReplicas || scale.Replicas > 1)
            .Select(policy => Best(rates, policy, scale, stragglers))
            .OrderByDescending(choice => choice.PerServer).ThenBy(choice => choice.Policy.Name, StringComparer.Ordinal),
    ];

    /// <summary>The interval and the number of spares that give the most training for each server, spares counted.</summary>
    public static RecoveryChoice Best(FailureRates rates, RecoveryPolicy policy, RunScale scale, StragglerRates? stragglers = null)
    {
        var model = new GoodputModel(rates, policy, scale, stragglers);
        var interval = model.BestInterval();
        var spares = model.BestSpares(interval);
        return new RecoveryChoice
        {
            Policy = policy,
            Interval = new Seconds(interval),
            Spares = spares,
            Scale = scale,
            MeanTimeBetweenFailures = new Seconds(model.MeanTimeBetweenFailures),
            Shares = model.Shares(interval, spares),
        };
    }
}
