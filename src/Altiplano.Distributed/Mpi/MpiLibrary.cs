using System.Text;

namespace Altiplano.Distributed.Mpi;

/// <summary>The loaded MPI library: its constants, and calls that throw.</summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>MPICH's MPI_MAX_LIBRARY_VERSION_STRING, the longest text of any library.</summary>
    private const int MaxText = 8192;

    public MpiConstants Constants { get; } = MpiConstants.Read();

    /// <summary>The first line of what the library says of itself, as "Open MPI v4.1.4, ...".</summary>
    public string Version()
    {
        var text = stackalloc byte[MaxText];
        int length;
        Check(MpiNative.MPI_Get_library_version(text, &length));
        return Encoding.UTF8.GetString(text, length).Split('\n')[0].TrimEnd('\0');
    }

    /// <exception cref="CollectiveException">The code is not MPI_SUCCESS.</exception>
    public static void Check(int code)
    {
        if (code == 0)
            return;
        var text = stackalloc byte[MaxText];
        int length;
        var known = MpiNative.MPI_Error_string(code, text, &length) == 0;
        throw new CollectiveException($"MPI reports error {code}: {(known ? Encoding.UTF8.GetString(text, length) : "no text")}");
    }

    public static int Rank(nint communicator)
    {
        int rank;
        Check(MpiNative.MPI_Comm_rank(communicator, &rank));
        return rank;
    }

    public static int Size(nint communicator)
    {
        int size;
        Check(MpiNative.MPI_Comm_size(communicator, &size));
        return size;
    }

    public static nint Duplicate(nint communicator)
    {
        nint copy = 0;
        Check(MpiNative.MPI_Comm_dup(communicator, &copy));
        return copy;
    }

    /// <summary>The ranks of the same colour, in the order of their keys. Blocks until every rank has called it.</summary>
    public static nint Split(nint communicator, int color, int key)
    {
        nint part = 0;
        Check(MpiNative.MPI_Comm_split(communicator, color, key, &part));
        return part;
    }

    public static void Free(nint communicator) => Check(MpiNative.MPI_Comm_free(&communicator));
}
