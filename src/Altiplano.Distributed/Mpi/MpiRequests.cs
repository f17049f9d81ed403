using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Mpi;

/// <summary>Requests of one operation that are in flight together on one communicator.</summary>
internal sealed unsafe class MpiRequests(MpiConstants constants, nint communicator)
{
    private readonly List<nint> _requests = [];
    private int _done;

    /// <summary>True when all that were posted are done; lets the library move data.</summary>
    public bool Test()
    {
        var requests = CollectionsMarshal.AsSpan(_requests);
        for (; _done < requests.Length; _done++)
        {
            int flag;
            fixed (nint* request = &requests[_done])
                MpiLibrary.Check(MpiNative.MPI_Test(request, &flag, constants.StatusIgnore));
            if (flag == 0)
                return false;
        }

        _requests.Clear();
        _done = 0;
        return true;
    }

    public void Send(nint data, long bytes, int destination, int tag)
    {
        nint request = 0;
        MpiLibrary.Check(MpiNative.MPI_Isend(data, checked((int)bytes), constants.Byte, destination, tag, communicator, &request));
        _requests.Add(request);
    }

    public void Receive(nint data, long bytes, int source, int tag)
    {
        nint request = 0;
        MpiLibrary.Check(MpiNative.MPI_Irecv(data, checked((int)bytes), constants.Byte, source, tag, communicator, &request));
        _requests.Add(request);
    }

    public void Broadcast(nint data, long bytes, int root)
    {
        nint request = 0;
        MpiLibrary.Check(MpiNative.MPI_Ibcast(data, checked((int)bytes), constants.Byte, root, communicator, &request));
        _requests.Add(request);
    }

    /// <summary>The input may lie at its place in the output.</summary>
    public void AllGather(nint input, nint output, long bytes, int rank)
    {
        var (count, type) = (checked((int)bytes), constants.Byte);
        var source = input == output + (nint)(rank * bytes) ? constants.InPlace : input;
        nint request = 0;
        MpiLibrary.Check(MpiNative.MPI_Iallgather(source, count, type, output, count, type, communicator, &request));
        _requests.Add(request);
    }

    public void Barrier()
    {
        nint request = 0;
        MpiLibrary.Check(MpiNative.MPI_Ibarrier(communicator, &request));
        _requests.Add(request);
    }
}
