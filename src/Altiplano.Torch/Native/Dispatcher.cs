using System.Runtime.InteropServices;

namespace Altiplano.Torch.Native;

/// <summary>Calls any libtorch operator by name, with its arguments as 64-bit values in the order of its schema.</summary>
/// <remarks>
/// Arguments of schema type Scalar or Generator cannot pass (2.10). Tensor and list arguments are consumed by the call.
/// </remarks>
internal static unsafe class Dispatcher
{
    /// <summary>The value of an absent optional argument.</summary>
    public const ulong None = 0;

    private static readonly byte* Empty = (byte*)NativeMemory.AllocZeroed(1);

    public static ulong Of(Tensor tensor) => (ulong)NativeTensor.Alias(tensor);

    public static ulong Of(bool value) => value ? 1UL : 0UL;

    public static ulong Of(long value) => (ulong)value;

    /// <summary>A present optional argument; the callee frees the cell.</summary>
    public static ulong Some(ulong value)
    {
        var cell = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *cell = value;
        return (ulong)cell;
    }

    public static ulong List(params ReadOnlySpan<long> values)
    {
        nint list;
        NativeTensor.Check(NativeMethods.torch_new_list_reserve_size((nuint)values.Length, &list));
        foreach (var value in values)
            NativeTensor.Check(NativeMethods.torch_list_push_back(list, (ulong)value));
        return (ulong)list;
    }

    /// <summary>Runs an operator that returns one new tensor.</summary>
    public static Tensor Call(Engine engine, ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params Span<ulong> stack)
    {
        Run(name, overload, stack);
        return NativeTensor.Adopt(engine, (nint)stack[0]);
    }

    /// <summary>Runs an operator that writes into one of its arguments and returns an alias of it.</summary>
    public static void CallInto(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params Span<ulong> stack)
    {
        Run(name, overload, stack);
        NativeTensor.Delete((nint)stack[0]);
    }

    /// <summary>Runs an operator; its results replace the first values of <paramref name="stack"/>.</summary>
    private static void Run(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, Span<ulong> stack)
    {
        fixed (byte* operatorName = name, overloadName = overload)
        fixed (ulong* values = stack)
        {
            NativeTensor.Check(NativeMethods.torch_call_dispatcher(
                operatorName, overload.IsEmpty ? Empty : overloadName, values, NativeMethods.AbiVersion));
        }
    }
}
