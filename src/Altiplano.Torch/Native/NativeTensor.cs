namespace Altiplano.Torch.Native;

/// <summary>Making, viewing and freeing tensor handles.</summary>
internal static unsafe class NativeTensor
{
    /// <exception cref="LibraryException">The call reported a failure.</exception>
    public static void Check(int result)
    {
        if (result != 0)
            throw new LibraryException($"libtorch: {ErrorText.Take()}");
    }

    public static nint Empty(ScalarType type, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        nint result;
        fixed (long* sizes = shape, steps = strides)
        {
            Check(NativeMethods.aoti_torch_empty_strided(
                shape.Length, sizes, steps, (int)type, (int)Device.Cpu, 0, &result));
        }

        return result;
    }

    public static nint View(Tensor tensor, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset)
    {
        nint result;
        fixed (long* sizes = shape, steps = strides)
            Check(NativeMethods.aoti_torch__reinterpret_tensor(tensor.Handle, shape.Length, sizes, steps, offset, &result));
        return result;
    }

    /// <summary>Takes over a handle that an operator returned, with the shape and type that libtorch gave it.</summary>
    public static Tensor Adopt(Engine engine, nint handle)
    {
        long ndim;
        long* sizes;
        long* strides;
        int type;
        Check(NativeMethods.aoti_torch_get_dim(handle, &ndim));
        Check(NativeMethods.aoti_torch_get_sizes(handle, &sizes));
        Check(NativeMethods.aoti_torch_get_strides(handle, &strides));
        Check(NativeMethods.aoti_torch_get_dtype(handle, &type));
        var rank = (int)ndim;
        return engine.Own(handle, (ScalarType)type, new Span<long>(sizes, rank).ToArray(), new Span<long>(strides, rank).ToArray());
    }

    public static nint Alias(Tensor tensor)
    {
        nint result;
        Check(NativeMethods.aoti_torch_new_tensor_handle(tensor.Handle, &result));
        return result;
    }

    public static void Zero(Tensor tensor) => Check(NativeMethods.aoti_torch_zero_(tensor.Handle));

    public static void Copy(Tensor destination, Tensor source) =>
        Check(NativeMethods.aoti_torch_copy_(destination.Handle, source.Handle, 0));

    public static void Delete(nint handle) => Check(NativeMethods.aoti_torch_delete_tensor_object(handle));
}
