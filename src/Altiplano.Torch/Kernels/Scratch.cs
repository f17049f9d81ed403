using System.Runtime.InteropServices;

namespace Altiplano.Torch.Kernels;

/// <summary>Memory of one kernel call for its blocks, cut into pieces that start on cache lines.</summary>
/// <param name="capacity">Elements of all pieces together, each rounded up to a cache line.</param>
internal sealed unsafe class Scratch(long capacity) : IDisposable
{
    private const int Line = 16;

    private readonly float* _memory = (float*)NativeMemory.AlignedAlloc((nuint)(capacity * sizeof(float)), Line * sizeof(float));
    private long _used;

    public static long RoundUp(long count) => (count + Line - 1) / Line * Line;

    public float* Take(long count)
    {
        var piece = _memory + _used;
        _used += RoundUp(count);
        return piece;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
