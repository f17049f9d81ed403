using Altiplano.Torch.Kernels;
using Altiplano.Torch.Native;

namespace Altiplano.Torch.Operators;

/// <summary>Copies between tensors, and between tensors and host memory.</summary>
public static class TransferOperators
{
    /// <summary>destination = source, converted to the destination's type; strides may differ.</summary>
    public static void Copy(this Engine engine, Tensor destination, Tensor source)
    {
        Expect.Is(source, source.Type, destination.Shape);
        using var call = engine.Begin("copy", 0, source.NumBytes + destination.NumBytes);
        if (!call.IsShapeOnly)
            NativeTensor.Copy(destination, source);
    }

    public static void Zero(this Engine engine, Tensor tensor)
    {
        using var call = engine.Begin("zero", 0, tensor.NumBytes);
        if (!call.IsShapeOnly)
            NativeTensor.Zero(tensor);
    }

    /// <summary>Copies host memory into a tensor of the same element type and number.</summary>
    /// <exception cref="ShapeException">Number or type of elements differ, or the tensor is not contiguous.</exception>
    public static void Upload<T>(this Engine engine, Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        CheckHost<T>(destination, source.Length);
        using var call = engine.Begin("upload", 0, destination.NumBytes);
        if (!call.IsShapeOnly)
            HostTransfer.Upload(destination, source);
    }

    /// <summary>Copies a tensor to host memory; on shapes the memory is zeroed.</summary>
    /// <exception cref="ShapeException">Number or type of elements differ, or the tensor is not contiguous.</exception>
    public static void Download<T>(this Engine engine, Span<T> destination, Tensor source)
        where T : unmanaged
    {
        CheckHost<T>(source, destination.Length);
        using var call = engine.Begin("download", 0, source.NumBytes);
        if (call.IsShapeOnly)
            destination.Clear();
        else
            HostTransfer.Download(destination, source);
    }

    /// <summary>The elements of a floating-point tensor of any type and stride, row-major.</summary>
    public static double[] ReadDoubles(this Engine engine, Tensor source)
    {
        using var copy = engine.Empty(ScalarType.Float64, source.Shape);
        engine.Copy(copy, source);
        var values = new double[source.NumElements];
        engine.Download<double>(values, copy);
        return values;
    }

    /// <summary>A new tensor with the content of <paramref name="source"/>; the caller disposes it.</summary>
    public static Tensor Upload<T>(this Engine engine, ScalarType type, ReadOnlySpan<T> source, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var tensor = engine.Empty(type, shape);
        engine.Upload(tensor, source);
        return tensor;
    }

    private static unsafe void CheckHost<T>(Tensor tensor, int length)
        where T : unmanaged
    {
        Expect.Contiguous(tensor, operation: "transfer");
        if ((long)length * sizeof(T) != tensor.NumBytes)
            Expect.Fail("transfer", $"{tensor} holds {tensor.NumBytes} bytes, the host memory {(long)length * sizeof(T)}");
    }
}
