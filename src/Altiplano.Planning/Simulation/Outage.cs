using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Simulation;

/// <summary>The parts of a stop, in seconds and in their order.</summary>
/// <param name="InVain">Training whose results are thrown away, since they were wrong.</param>
/// <param name="Detection">Waiting in a collective.</param>
/// <param name="Restart">Until the next step.</param>
internal readonly record struct Outage(double InVain, double Detection, double Restart)
{
    public double Length => InVain + Detection + Restart;

    /// <summary>Everybody restarts.</summary>
    /// <param name="hasMemory">False where another server's memory is lost already.</param>
    public static Outage OfAll(RecoveryPolicy policy, FailureKind kind, bool hasMemory = true)
    {
        var kept = hasMemory ? policy.KeptRecovery : policy.KeptDiskRecovery;
        return new Outage(
            kind == FailureKind.Corrupting ? policy.CorruptionDetection.Value : 0,
            policy.Detection.Value,
            (kind == FailureKind.Kept ? kept : policy.LostRecovery) - policy.Detection.Value);
    }

    /// <summary>Everybody stops while a slow server is taken out, after a checkpoint.</summary>
    public static Outage Planned(RecoveryPolicy policy) => new(
        0, 0, (policy.CheckpointBlocking + policy.CheckpointWrite + policy.Replacement + policy.Restart).Value);

    /// <summary>Everybody stops while one replica is dropped, or goes back where its results were wrong.</summary>
    public static Outage OfDrop(RecoveryPolicy policy, FailureKind kind, double interval) => kind == FailureKind.Corrupting
        ? OfAll(policy, kind) with { InVain = policy.CorruptionDetection.Value + (interval / 2) }
        : new Outage(0, policy.Detection.Value, policy.ReplicaDrop.Value);
}
