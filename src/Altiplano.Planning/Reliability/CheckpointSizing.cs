using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>Checkpoint times of a policy for the model and the machines at hand.</summary>
public static class CheckpointSizing
{
    /// <summary>The policy with longer checkpoints where the model's take longer than it states.</summary>
    /// <param name="parameters">Of the whole model.</param>
    /// <param name="gpus">That write, each the same share.</param>
    /// <remarks>
    /// A policy that states no background write stops training for the write to storage; others stop for the copy to the host, and write to
    /// storage or, where a peer is the source, over the network. Stated times are kept as the least: they hold what does not grow with size.
    /// </remarks>
    public static RecoveryPolicy Of(RecoveryPolicy policy, double parameters, ClusterSpec cluster, long gpus)
    {
        var bandwidth = policy.Source == RestartSource.Peer ? gpus * cluster.Network.BandwidthPerGpu.Value : cluster.Storage.SustainedBandwidth.Value;
        var times = CheckpointTimes.Of(parameters * CheckpointTimes.BytesPerParameter, gpus, cluster.Server.PcieBandwidth.Value, bandwidth);
        var isSynchronous = policy.CheckpointWrite.Value == 0;
        return policy with
        {
            CheckpointBlocking = Longer(policy.CheckpointBlocking, isSynchronous ? times.Copy + times.Write : times.Copy),
            CheckpointWrite = isSynchronous ? policy.CheckpointWrite : Longer(policy.CheckpointWrite, times.Write),
        };
    }

    private static Seconds Longer(Seconds a, Seconds b) => a >= b ? a : b;
}
