using System.Runtime.InteropServices;
using Altiplano.Distributed.Native;

namespace Altiplano.Distributed.Mpi;

/// <summary>What mpi.h defines, and each family of libraries defines differently.</summary>
internal sealed record MpiConstants
{
    public required string Family { get; init; }

    public required nint CommWorld { get; init; }

    public required nint Byte { get; init; }

    public required nint ErrorsReturn { get; init; }

    public required nint RequestNull { get; init; }

    public required nint StatusIgnore { get; init; }

    public required nint InPlace { get; init; }

    public required int AnySource { get; init; }

    /// <summary>MPI_THREAD_SERIALIZED, the same in both.</summary>
    public const int ThreadSerialized = 2;

    /// <summary>Open MPI 4 and 5 export their predefined objects; what does not is of the MPICH ABI (MPICH, Intel, Cray).</summary>
    public static MpiConstants Read()
    {
        var library = NativeLibraries.Load("mpi");
        return NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world) ? OpenMpi(library, world) : Mpich();
    }

    private static MpiConstants OpenMpi(nint library, nint world) => new()
    {
        Family = "Open MPI",
        CommWorld = world,
        Byte = NativeLibrary.GetExport(library, "ompi_mpi_byte"),
        ErrorsReturn = NativeLibrary.GetExport(library, "ompi_mpi_errors_return"),
        RequestNull = NativeLibrary.GetExport(library, "ompi_request_null"),
        StatusIgnore = 0,
        InPlace = 1,
        AnySource = -1,
    };

    private static MpiConstants Mpich() => new()
    {
        Family = "MPICH",
        CommWorld = 0x44000000,
        Byte = 0x4c00010d,
        ErrorsReturn = 0x54000001,
        RequestNull = 0x2c000000,
        StatusIgnore = 1,
        InPlace = -1,
        AnySource = -2,
    };
}
