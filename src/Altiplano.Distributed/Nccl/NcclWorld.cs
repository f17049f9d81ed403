using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Nccl.Rendezvous;

namespace Altiplano.Distributed.Nccl;

/// <summary>Ranks that each have a GPU.</summary>
/// <remarks>
/// Addresses are of GPU memory. An operation waits for what the compute stream was given before its start;
/// <see cref="Pending.Wait"/> makes the compute stream, not the host, wait for it. Sums are in NCCL's own order: the same bits in every
/// run on the same GPUs and network, but not those of the other communicators.
/// </remarks>
public sealed unsafe class NcclWorld : IDisposable
{
    private readonly NcclWatch _watch;

    private NcclWorld(NcclWatch watch, NcclCommunicator communicator) => (_watch, Communicator) = (watch, communicator);

    /// <summary>Of the whole world, with the ranks of the one it was made from.</summary>
    public ICommunicator Communicator { get; }

    /// <summary>NCCL's version, as 23007 for 2.30.7.</summary>
    /// <exception cref="CommunicationLibraryException">It is missing, or older than 2.18.</exception>
    public static int LibraryVersion() => NcclLibrary.Version();

    /// <summary>Connects the GPUs of a world that is connected already; every rank calls it.</summary>
    /// <param name="control">Brings the ranks together, and tells who is absent; nobody else may use it from now on.</param>
    /// <exception cref="CommunicationLibraryException">NCCL or CUDA is missing or too old.</exception>
    /// <exception cref="CollectiveException">The ranks did not come together.</exception>
    public static NcclWorld Connect(ICommunicator control, NcclOptions options)
    {
        NcclLibrary.Version();
        var watch = new NcclWatch(options);
        try
        {
            var lanes = Enumerable.Range(0, 3).Select(_ => Connect(control, options.Communicator.Deadline)).ToList();
            return new NcclWorld(watch, new NcclCommunicator(watch, control, lanes[0], lanes[1], lanes[2]));
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Connects the GPUs of ranks that meet at an address, without MPI; every rank calls it.</summary>
    /// <param name="launcher">Gives rank, size and address.</param>
    /// <inheritdoc cref="Connect(ICommunicator, NcclOptions)"/>
    public static NcclWorld Connect(Launcher launcher, NcclOptions options)
    {
        var control = TcpWorld.Connect(launcher, options.Communicator);
        try
        {
            return Connect(control, options);
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Communicator.Dispose();
        _watch.Dispose();
    }

    private static NcclLane Connect(ICommunicator control, TimeSpan deadline)
    {
        NcclUniqueId id;
        if (control.Rank == 0)
            NcclLibrary.Check(NcclNative.ncclGetUniqueId(&id), 0);
        control.Run(Collective.Broadcast(new NativeBuffer((nint)(&id), NcclUniqueId.Size, ElementType.Byte), root: 0));
        return NcclLane.Connect(control.Members.Count, id, control.Rank, deadline);
    }
}
