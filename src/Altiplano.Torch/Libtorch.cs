using System.Runtime.InteropServices;
using System.Text;
using Altiplano.Torch.Kernels;
using Altiplano.Torch.Native;

namespace Altiplano.Torch;

/// <summary>The libtorch of this process: a process loads one, once.</summary>
public sealed class Libtorch
{
    private const int MallocTrimThreshold = -1;
    private const int MallocMmapThreshold = -3;

    private static readonly Lock Gate = new();
    private static Libtorch? s_loaded;

    private Libtorch(string folder)
    {
        Folder = folder;
        HasCuda = File.Exists(Path.Combine(folder, "libtorch_cuda.so"));
        var version = NativeMethods.aoti_torch_abi_version();
        Version = new Version((int)(version >> 56), (int)(version >> 48 & 0xFF), (int)(version >> 40 & 0xFF));
    }

    public string Folder { get; }
    public Version Version { get; }

    /// <summary>True when the folder holds libtorch's CUDA library too.</summary>
    public bool HasCuda { get; }

    /// <summary>Threads of one operator; settled when the library is loaded.</summary>
    public int Threads { get; private init; }

    /// <summary>Loads libtorch, or returns the one that is loaded.</summary>
    /// <param name="threads">Threads of one operator; null takes OMP_NUM_THREADS, or the number of cores.</param>
    /// <exception cref="LibraryException">
    /// None was found, it is too old, or it runs already with another number of threads.
    /// </exception>
    public static Libtorch Load(int? threads = null)
    {
        lock (Gate)
        {
            s_loaded ??= LoadFrom(LibtorchLocator.Find(), threads ?? DefaultThreads());
            if (threads is { } wanted && wanted != s_loaded.Threads)
            {
                throw new LibraryException(
                    $"libtorch runs with {s_loaded.Threads} threads in this process, {wanted} were asked for. Start another process for that.");
            }

            return s_loaded;
        }
    }

    internal static void RequireLoaded() =>
        _ = s_loaded ?? throw new LibraryException("libtorch is not loaded. Call Libtorch.Load before the first engine of a real device.");

    private static int DefaultThreads() =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0
            ? threads
            : Environment.ProcessorCount;

    private static unsafe Libtorch LoadFrom(string folder, int threads)
    {
        PrepareProcess(threads);
        if (!NativeLibrary.TryLoad(Path.Combine(folder, LibtorchLocator.FileName), out var library))
            throw new LibraryException($"{folder}/{LibtorchLocator.FileName} does not load. 'ldd' on it names what it misses.");
        if (!NativeLibrary.TryGetExport(library, nameof(NativeMethods.torch_call_dispatcher), out _))
        {
            throw new LibraryException(
                $"{folder}/{LibtorchLocator.FileName} is older than {LibtorchLocator.OldestVersion}: it lacks torch_call_dispatcher.");
        }

        NativeLibrary.SetDllImportResolver(
            typeof(Libtorch).Assembly, (name, _, _) => name == NativeMethods.LibraryName ? library : 0);
        ErrorText.Install();
        BlockKernel.Resolve(library);
        uint actual;
        NativeTensor.Check(NativeMethods.torch_get_num_threads(&actual));
        return new Libtorch(folder) { Threads = (int)actual };
    }

    /// <summary>What must stand before the library's own start-up code runs.</summary>
    private static void PrepareProcess(int threads)
    {
        // OpenMP workers that spin for long starve everything else on a shared machine; those that sleep at once slowed
        // steps by 8 % and more on a virtual machine, whose short kernels wait for them to wake. So they spin shortly, then sleep.
        SetNativeVariable("OMP_WAIT_POLICY", "PASSIVE");
        SetNativeVariable("GOMP_SPINCOUNT", "3000");
        SetNativeVariable("OMP_NUM_THREADS", threads.ToString());
        SetNativeVariable("MKL_NUM_THREADS", threads.ToString());
        // Freed pages stay with the process: a step touches the same gigabyte again and again, and would fault in 190,000 pages.
        _ = NativeMethods.mallopt(MallocMmapThreshold, int.MaxValue);
        _ = NativeMethods.mallopt(MallocTrimThreshold, int.MaxValue);
    }

    private static unsafe void SetNativeVariable(string name, string value)
    {
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes(name + '\0'), valueBytes = Encoding.UTF8.GetBytes(value + '\0'))
            _ = NativeMethods.setenv(nameBytes, valueBytes, overwrite: 1);
    }
}
