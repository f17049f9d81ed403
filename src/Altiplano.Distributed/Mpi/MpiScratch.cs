using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Mpi;

/// <summary>Memory for what arrives before it is reduced; lent and given back, so that it is allocated once.</summary>
internal sealed unsafe class MpiScratch : IDisposable
{
    /// <summary>A page: the kernel copies between processes page by page.</summary>
    private const nuint Alignment = 4096;

    private readonly Stack<(nint Address, long Bytes)> _free = [];

    /// <summary>At least so many bytes; the caller gives them back with the size that it got.</summary>
    public (nint Address, long Bytes) Rent(long bytes)
    {
        if (_free.TryPop(out var block) && block.Bytes >= bytes)
            return block;
        NativeMemory.AlignedFree((void*)block.Address);
        return ((nint)NativeMemory.AlignedAlloc(checked((nuint)bytes), Alignment), bytes);
    }

    public void Return((nint Address, long Bytes) block) => _free.Push(block);

    public void Dispose()
    {
        while (_free.TryPop(out var block))
            NativeMemory.AlignedFree((void*)block.Address);
    }
}
