namespace Altiplano.Distributed;

/// <summary>A run of elements in memory that stays where it is.</summary>
/// <param name="Address">Of the first element; native memory, or an array that stays pinned.</param>
/// <param name="Count">Elements.</param>
/// <param name="Type">Of each element.</param>
/// <remarks>The memory is the caller's: it must live, and be left alone, until <see cref="Pending.Wait"/> returns.</remarks>
public readonly record struct NativeBuffer(nint Address, long Count, ElementType Type)
{
    public long Bytes => Count * Type.Size();

    /// <summary>The <paramref name="count"/> elements from <paramref name="start"/> on.</summary>
    public NativeBuffer Slice(long start, long count) => new(Address + (nint)(start * Type.Size()), count, Type);
}
