using System.Diagnostics;

namespace Altiplano.Distributed.Nccl;

/// <summary>An NCCL communicator and the stream that its operations follow each other on.</summary>
internal sealed unsafe class NcclLane : IDisposable
{
    private readonly TimeSpan _deadline;
    private int _isAborted;

    private NcclLane(nint comm, TimeSpan deadline)
    {
        (Comm, Stream, _deadline) = (comm, CudaDevice.NewStream(), deadline);
        Settle();
    }

    public nint Comm { get; }

    public nint Stream { get; }

    public static NcclLane Connect(int ranks, NcclUniqueId id, int rank, TimeSpan deadline)
    {
        var config = NcclConfig.Create(NcclLibrary.Version());
        nint comm;
        NcclLibrary.Check(NcclNative.ncclCommInitRankConfig(&comm, ranks, id, rank, &config), 0);
        return new NcclLane(comm, deadline);
    }

    /// <summary>The ranks of one colour in the order of their keys; every rank calls it.</summary>
    public NcclLane Split(int color, int key)
    {
        var config = NcclConfig.Create(NcclLibrary.Version());
        nint part;
        NcclLibrary.Check(NcclNative.ncclCommSplit(Comm, color, key, &part, &config), Comm);
        Settle();
        return new NcclLane(part, _deadline);
    }

    /// <summary>Waits until the library has taken in what it was given; the work itself goes on.</summary>
    /// <exception cref="CollectiveException">It reports an error, or takes longer than the deadline.</exception>
    public void Settle()
    {
        var started = Stopwatch.GetTimestamp();
        var spinner = new SpinWait();
        while (ReadError() == NcclLibrary.InProgress)
        {
            if (Stopwatch.GetElapsedTime(started) > _deadline)
                throw new CollectiveException($"NCCL has not connected the ranks in {_deadline.TotalSeconds:0.###} s.");
            spinner.SpinOnce();
        }
    }

    /// <exception cref="CollectiveException">An error came up since the last call.</exception>
    public int ReadError()
    {
        int result;
        NcclLibrary.Check(NcclNative.ncclCommGetAsyncError(Comm, &result), Comm);
        NcclLibrary.Check(result, Comm);
        return result;
    }

    /// <summary>Ends what is in flight, from any thread; its results are then nothing.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
            _ = NcclNative.ncclCommAbort(Comm);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) != 0)
            return;
        NcclLibrary.Check(NcclNative.ncclCommFinalize(Comm), Comm);
        Settle();
        NcclLibrary.Check(NcclNative.ncclCommDestroy(Comm), Comm);
        _ = CudaNative.cuStreamDestroy_v2(Stream);
    }
}
