using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Reliability;

/// <summary>Rates and policies that several tests share.</summary>
internal static class ReliabilityCases
{
    public static FailureRates Uniform(double perThousandServerDays, double serverLossShare = 1) => new()
    {
        Name = "uniform",
        Components =
        [
            new ComponentRate
            {
                Component = FailureComponent.Unattributed,
                Rate = FailureRate.PerThousandServerDays(perThousandServerDays),
                ServerLossShare = serverLossShare,
            },
        ],
    };

    /// <summary>Kept, lost and corrupting failures, 4 in 1,000 server-days in all.</summary>
    public static FailureRates Mixed { get; } = new()
    {
        Name = "mixed",
        Components =
        [
            Component(FailureComponent.Gpu, 2.0, 1), Component(FailureComponent.Network, 1.0, 0.3),
            Component(FailureComponent.Software, 0.8, 0), Component(FailureComponent.SilentCorruption, 0.2, 1),
        ],
    };

    /// <summary>One recovery time for all failures.</summary>
    public static RecoveryPolicy Restarting(Seconds recovery, Seconds blocking) => new()
    {
        Name = "restart",
        Source = RestartSource.Disk,
        Detection = new Seconds(0),
        Restart = recovery,
        CheckpointBlocking = blocking,
        Repair = Seconds.FromDays(1),
    };

    public static RecoveryPolicy Peer { get; } = new()
    {
        Name = "peer",
        Source = RestartSource.Peer,
        Detection = new Seconds(30),
        Restart = new Seconds(120),
        CheckpointBlocking = new Seconds(4),
        CheckpointWrite = new Seconds(60),
        Replacement = new Seconds(60),
        Repair = Seconds.FromDays(1),
        CorruptionDetection = Seconds.FromHours(1),
    };

    public static RecoveryPolicy Memory { get; } = Peer with
    {
        Name = "memory",
        Source = RestartSource.Memory,
        Restart = new Seconds(60),
        DiskRestart = Seconds.FromMinutes(6),
        CheckpointWrite = new Seconds(400),
    };

    public static RecoveryPolicy Dropping { get; } = Peer with
    {
        Name = "dropping",
        DropsReplicas = true,
        Detection = new Seconds(20),
        ReplicaDrop = new Seconds(40),
        Restart = Seconds.FromMinutes(10),
    };

    private static ComponentRate Component(FailureComponent component, double perThousand, double share) => new()
    {
        Component = component, Rate = FailureRate.PerThousandServerDays(perThousand), ServerLossShare = share,
    };
}
