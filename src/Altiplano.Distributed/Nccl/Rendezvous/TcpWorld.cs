using Altiplano.Distributed.Launchers;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>Ranks that torchrun, a JobSet or anybody else started, brought together at rank 0's address without MPI.</summary>
public static class TcpWorld
{
    /// <summary>Connects this process; every rank calls it.</summary>
    /// <returns>A communicator for <see cref="NcclWorld"/> to start from: it passes short messages and broadcasts, but no data.</returns>
    /// <exception cref="CollectiveException">Not all ranks come before the deadline, or they disagree about who they are.</exception>
    /// <exception cref="ArgumentException">The launcher gives no address, or its variables have problems.</exception>
    public static ICommunicator Connect(Launcher launcher, CommunicatorOptions options)
    {
        if (launcher.Problems.Count > 0 || launcher.MasterAddress is null || launcher.MasterPort is null)
            throw new ArgumentException("The launcher gives no address at which ranks meet.", nameof(launcher));
        TcpEndpoint endpoint = launcher.Rank == 0
            ? TcpHub.Gather(launcher.MasterPort.Value, launcher.Size, options)
            : TcpSpoke.Connect(launcher.MasterAddress, launcher.MasterPort.Value, new TcpHello(launcher.Size, launcher.Rank), options);
        return new TcpCommunicator(endpoint, options, "world", "world", launcher.Rank, RankGroup.All(launcher.Size)) { IsOwner = true };
    }
}
