using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Distributed.Reductions;

/// <summary>Makes one buffer of several, element by element and in the order of the buffers.</summary>
/// <remarks>
/// A vector lane does what the scalar loop does, so neither vector width nor the place of an element changes its bits. The target may be
/// one of the sources: every source is read at a place before the target is written there.
/// </remarks>
internal static unsafe class Reduction
{
    /// <param name="sources">Addresses, in rank order.</param>
    /// <param name="target">Address of the result.</param>
    /// <param name="count">Elements.</param>
    public static void Apply(ReduceOp op, ElementType type, ReadOnlySpan<nint> sources, nint target, long count)
    {
        switch (type)
        {
            case ElementType.Byte: Apply<byte>(op, sources, target, count); break;
            case ElementType.Int32: Apply<int>(op, sources, target, count); break;
            case ElementType.Int64: Apply<long>(op, sources, target, count); break;
            case ElementType.Float32: Apply<float>(op, sources, target, count); break;
            case ElementType.Float64: Apply<double>(op, sources, target, count); break;
            case ElementType.BFloat16 when op == ReduceOp.Sum: BFloat16Reduction.Run<SumReducer<float>>(sources, target, count); break;
            case ElementType.BFloat16: BFloat16Reduction.Run<MaxReducer<float>>(sources, target, count); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "This is no element type.");
        }
    }

    private static void Apply<T>(ReduceOp op, ReadOnlySpan<nint> sources, nint target, long count)
        where T : unmanaged, INumber<T>
    {
        if (op == ReduceOp.Sum)
            Run<T, SumReducer<T>>(sources, (T*)target, count);
        else
            Run<T, MaxReducer<T>>(sources, (T*)target, count);
    }

    // Compiled in full at once: the first code of a method that is called rarely is five times as slow, and may stay for minutes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T, TReducer>(ReadOnlySpan<nint> sources, T* target, long count)
        where T : unmanaged
        where TReducer : IReducer<T>
    {
        var width = Vector256<T>.Count;
        long i = 0;
        for (; i <= count - (4 * width); i += 4 * width)
            Combine<T, TReducer>(sources, target, i);
        for (; i < count; i++)
        {
            var sum = ((T*)sources[0])[i];
            for (var k = 1; k < sources.Length; k++)
                sum = TReducer.Combine(sum, ((T*)sources[k])[i]);
            target[i] = sum;
        }
    }

    /// <summary>Four vectors at a time: the walk over the sources costs as much as one load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine<T, TReducer>(ReadOnlySpan<nint> sources, T* target, long start)
        where T : unmanaged
        where TReducer : IReducer<T>
    {
        var width = Vector256<T>.Count;
        var first = (T*)sources[0] + start;
        var a = Vector256.Load(first);
        var b = Vector256.Load(first + width);
        var c = Vector256.Load(first + (2 * width));
        var d = Vector256.Load(first + (3 * width));
        for (var k = 1; k < sources.Length; k++)
        {
            var next = (T*)sources[k] + start;
            a = TReducer.Combine(a, Vector256.Load(next));
            b = TReducer.Combine(b, Vector256.Load(next + width));
            c = TReducer.Combine(c, Vector256.Load(next + (2 * width)));
            d = TReducer.Combine(d, Vector256.Load(next + (3 * width)));
        }

        a.Store(target + start);
        b.Store(target + start + width);
        c.Store(target + start + (2 * width));
        d.Store(target + start + (3 * width));
    }
}
