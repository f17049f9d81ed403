using System.Runtime.InteropServices;
using Altiplano.Distributed;

namespace Altiplano.MpiTests;

/// <summary>Native memory with what a test wrote in it.</summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private readonly T* _data;

    public NativeArray(int count, ElementType type)
    {
        _data = (T*)NativeMemory.AllocZeroed((nuint)Math.Max(1, count), (nuint)sizeof(T));
        Buffer = new NativeBuffer((nint)_data, count, type);
    }

    public NativeArray(ReadOnlySpan<T> values, ElementType type)
        : this(values.Length, type) => values.CopyTo(Span);

    public NativeBuffer Buffer { get; }

    public Span<T> Span => new(_data, (int)Buffer.Count);

    public void Dispose() => NativeMemory.Free(_data);
}
