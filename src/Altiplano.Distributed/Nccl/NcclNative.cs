using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>NCCL's C functions (RCCL's are the same); all since 2.18.</summary>
internal static unsafe partial class NcclNative
{
    private const string Library = "nccl";

    [LibraryImport(Library)] public static partial int ncclGetVersion(int* version);
    [LibraryImport(Library)] public static partial int ncclGetUniqueId(NcclUniqueId* id);

    [LibraryImport(Library)]
    public static partial int ncclCommInitRankConfig(nint* comm, int ranks, NcclUniqueId id, int rank, NcclConfig* config);

    [LibraryImport(Library)] public static partial int ncclCommSplit(nint comm, int color, int key, nint* part, NcclConfig* config);
    [LibraryImport(Library)] public static partial int ncclCommFinalize(nint comm);
    [LibraryImport(Library)] public static partial int ncclCommDestroy(nint comm);
    [LibraryImport(Library)] public static partial int ncclCommAbort(nint comm);
    [LibraryImport(Library)] public static partial int ncclCommGetAsyncError(nint comm, int* result);
    [LibraryImport(Library)] public static partial byte* ncclGetErrorString(int result);
    [LibraryImport(Library)] public static partial byte* ncclGetLastError(nint comm);
    [LibraryImport(Library)] public static partial int ncclGroupStart();
    [LibraryImport(Library)] public static partial int ncclGroupEnd();

    [LibraryImport(Library)]
    public static partial int ncclAllReduce(nint input, nint output, nuint count, int type, int op, nint comm, nint stream);

    [LibraryImport(Library)]
    public static partial int ncclReduceScatter(nint input, nint output, nuint count, int type, int op, nint comm, nint stream);

    [LibraryImport(Library)]
    public static partial int ncclAllGather(nint input, nint output, nuint count, int type, nint comm, nint stream);

    [LibraryImport(Library)]
    public static partial int ncclBroadcast(nint input, nint output, nuint count, int type, int root, nint comm, nint stream);

    [LibraryImport(Library)] public static partial int ncclSend(nint data, nuint count, int type, int peer, nint comm, nint stream);
    [LibraryImport(Library)] public static partial int ncclRecv(nint data, nuint count, int type, int peer, nint comm, nint stream);
}
