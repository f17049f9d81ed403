using System.Runtime.InteropServices;

namespace Altiplano.Torch.Kernels;

/// <summary>The small matrix product of libtorch's oneDNN: C (+)= A B for blocks in the cache, on one thread, in AVX-512.</summary>
/// <remarks>
/// Products of libtorch go through MKL, which keeps to AVX2 on other makers' processors: 117 GFLOP/s a core of a Zen 5 where this
/// kernel reaches 260. It is no part of the C ABI, so it is taken where it is exported, and only on such processors.
/// </remarks>
internal static unsafe class BlockKernel
{
    private const string Export = "_ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb";

    private static delegate* unmanaged<long, long, long, long, long, long, byte, float*, float*, float*, byte, void> s_kernel;

    public static bool IsAvailable => s_kernel is not null;

    /// <summary>Looks the kernel up in the library that was loaded.</summary>
    public static void Resolve(nint library)
    {
        if (IsPreferredOnThisProcessor() && NativeLibrary.TryGetExport(library, Export, out var address))
            s_kernel = (delegate* unmanaged<long, long, long, long, long, long, byte, float*, float*, float*, byte, void>)address;
    }

    /// <summary>c[m, n] = a[m, k] b[k, n], or += with <paramref name="accumulate"/>; all row-major, strides in elements.</summary>
    public static void Run(
        long m, long n, long k, float* a, long strideA, float* b, long strideB, float* c, long strideC, bool accumulate) =>
        s_kernel(m, n, k, strideA, strideB, strideC, accumulate ? (byte)1 : (byte)0, a, b, c, 0);

    /// <summary>By Linux's own list of features: it names AVX-512 only where it saves the registers.</summary>
    private static bool IsPreferredOnThisProcessor()
    {
        const string Description = "/proc/cpuinfo";
        if (!File.Exists(Description))
            return false;
        var lines = File.ReadLines(Description).TakeWhile(line => line.Length > 0).ToArray();
        return lines.Any(line => line.StartsWith("flags", StringComparison.Ordinal) && line.Contains(" avx512bw"))
            && !lines.Any(line => line.Contains("GenuineIntel"));
    }
}
