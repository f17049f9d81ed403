using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Altiplano.Distributed.Native;

/// <summary>Finds the libraries that this project's native methods name. Loaded once a process.</summary>
internal static class NativeLibraries
{
    private static readonly LibrarySearch[] Searches =
    [
        new("mpi", "MPI", "ALTIPLANO_MPI_LIB", ["libmpi.so.40", "libmpich.so.12", "libmpi.so.12"],
            "Install Open MPI or MPICH (Debian: apt-get install openmpi-bin)"),
        new("nccl", "NCCL", "ALTIPLANO_NCCL_LIB", ["libnccl.so.2", "librccl.so.1"], "Install NCCL 2.18 or later (Debian: libnccl2)"),
        new("cuda", "the CUDA driver", "ALTIPLANO_CUDA_LIB", ["libcuda.so.1"], "Install the NVIDIA driver"),
    ];

    private static readonly Lazy<nint>[] Loaded = Array.ConvertAll(Searches, search => new Lazy<nint>(search.Load));

    /// <summary>The library of a name, loaded.</summary>
    /// <exception cref="CommunicationLibraryException">It cannot be loaded; the message lists what was tried.</exception>
    public static nint Load(string name) => Loaded[Array.FindIndex(Searches, search => search.Name == name)].Value;

    // The resolver must be there before whichever native method is called first.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        Searches.Any(search => search.Name == name) ? Load(name) : 0;
}
