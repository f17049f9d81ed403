using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Mpi;

/// <summary>MPI's C functions. Handles are pointers in Open MPI and 32-bit numbers in MPICH: a zeroed nint holds either.</summary>
internal static unsafe partial class MpiNative
{
    private const string Library = "mpi";

    [LibraryImport(Library)] public static partial int MPI_Initialized(int* flag);
    [LibraryImport(Library)] public static partial int MPI_Init_thread(int* argc, byte*** argv, int required, int* provided);
    [LibraryImport(Library)] public static partial int MPI_Finalize();
    [LibraryImport(Library)] public static partial int MPI_Abort(nint communicator, int code);
    [LibraryImport(Library)] public static partial int MPI_Get_library_version(byte* text, int* length);
    [LibraryImport(Library)] public static partial int MPI_Error_string(int code, byte* text, int* length);
    [LibraryImport(Library)] public static partial int MPI_Comm_rank(nint communicator, int* rank);
    [LibraryImport(Library)] public static partial int MPI_Comm_size(nint communicator, int* size);
    [LibraryImport(Library)] public static partial int MPI_Comm_dup(nint communicator, nint* copy);
    [LibraryImport(Library)] public static partial int MPI_Comm_split(nint communicator, int color, int key, nint* part);
    [LibraryImport(Library)] public static partial int MPI_Comm_free(nint* communicator);
    [LibraryImport(Library)] public static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);
    [LibraryImport(Library)] public static partial int MPI_Ibarrier(nint communicator, nint* request);

    [LibraryImport(Library)]
    public static partial int MPI_Isend(nint data, int count, nint type, int destination, int tag, nint communicator, nint* request);

    [LibraryImport(Library)]
    public static partial int MPI_Irecv(nint data, int count, nint type, int source, int tag, nint communicator, nint* request);

    [LibraryImport(Library)]
    public static partial int MPI_Recv(nint data, int count, nint type, int source, int tag, nint communicator, nint status);

    [LibraryImport(Library)] public static partial int MPI_Iprobe(int source, int tag, nint communicator, int* flag, nint status);

    [LibraryImport(Library)] public static partial int MPI_Test(nint* request, int* flag, nint status);

    [LibraryImport(Library)]
    public static partial int MPI_Ibcast(nint data, int count, nint type, int root, nint communicator, nint* request);

    [LibraryImport(Library)]
    public static partial int MPI_Iallgather(
        nint input, int inputCount, nint inputType, nint output, int outputCount, nint outputType, nint communicator, nint* request);
}
