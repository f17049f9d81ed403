using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>What streams and events need of the CUDA driver.</summary>
internal static unsafe partial class CudaNative
{
    public const int NotReady = 600;
    public const uint StreamNonBlocking = 1;
    public const uint EventDisableTiming = 2;

    private const string Library = "cuda";

    [LibraryImport(Library)] public static partial int cuInit(uint flags);
    [LibraryImport(Library)] public static partial int cuDeviceGet(int* device, int ordinal);
    [LibraryImport(Library)] public static partial int cuDevicePrimaryCtxRetain(nint* context, int device);
    [LibraryImport(Library)] public static partial int cuCtxSetCurrent(nint context);
    [LibraryImport(Library)] public static partial int cuStreamCreateWithPriority(nint* stream, uint flags, int priority);
    [LibraryImport(Library)] public static partial int cuStreamWaitEvent(nint stream, nint happening, uint flags);
    [LibraryImport(Library)] public static partial int cuStreamDestroy_v2(nint stream);
    [LibraryImport(Library)] public static partial int cuEventCreate(nint* happening, uint flags);
    [LibraryImport(Library)] public static partial int cuEventRecord(nint happening, nint stream);
    [LibraryImport(Library)] public static partial int cuEventQuery(nint happening);
    [LibraryImport(Library)] public static partial int cuMemAlloc_v2(nint* address, nuint bytes);
    [LibraryImport(Library)] public static partial int cuGetErrorName(int result, byte** name);
}
