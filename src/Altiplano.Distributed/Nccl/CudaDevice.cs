using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>Streams and events of one GPU. The memory that a stream works on is ordered by events alone; nothing here blocks.</summary>
internal sealed unsafe class CudaDevice
{
    private readonly nint _context;
    private readonly ConcurrentBag<nint> _freeEvents = [];

    public CudaDevice(int ordinal)
    {
        int device;
        nint context;
        Check(CudaNative.cuInit(0));
        Check(CudaNative.cuDeviceGet(&device, ordinal));
        Check(CudaNative.cuDevicePrimaryCtxRetain(&context, device));
        _context = context;
        Use();
        nint scratch;
        Check(CudaNative.cuMemAlloc_v2(&scratch, sizeof(long)));
        Scratch = scratch;
    }

    /// <summary>Eight bytes for barriers.</summary>
    public nint Scratch { get; }

    /// <summary>Makes the calling thread's CUDA calls go to this GPU.</summary>
    public void Use() => Check(CudaNative.cuCtxSetCurrent(_context));

    public static nint NewStream()
    {
        nint stream;
        Check(CudaNative.cuStreamCreateWithPriority(&stream, CudaNative.StreamNonBlocking, priority: 0));
        return stream;
    }

    /// <summary>An event that happens when the stream has done what it was given so far.</summary>
    public nint Record(nint stream)
    {
        if (!_freeEvents.TryTake(out var happening))
            Check(CudaNative.cuEventCreate(&happening, CudaNative.EventDisableTiming));
        Check(CudaNative.cuEventRecord(happening, stream));
        return happening;
    }

    /// <summary>What the stream is given from now on waits for the event.</summary>
    public static void Order(nint stream, nint happening) => Check(CudaNative.cuStreamWaitEvent(stream, happening, 0));

    public static bool HasHappened(nint happening)
    {
        var result = CudaNative.cuEventQuery(happening);
        if (result == CudaNative.NotReady)
            return false;
        Check(result);
        return true;
    }

    public void Return(nint happening) => _freeEvents.Add(happening);

    private static void Check(int result)
    {
        if (result == 0)
            return;
        byte* name = null;
        _ = CudaNative.cuGetErrorName(result, &name);
        throw new CollectiveException($"CUDA reports error {result}: {Marshal.PtrToStringUTF8((nint)name) ?? "no name"}");
    }
}
