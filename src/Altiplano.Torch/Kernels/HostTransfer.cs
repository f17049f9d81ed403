namespace Altiplano.Torch.Kernels;

/// <summary>Copies between host memory and contiguous tensors.</summary>
internal static unsafe class HostTransfer
{
    public static void Upload<T>(Tensor destination, ReadOnlySpan<T> source)
        where T : unmanaged =>
        source.CopyTo(new Span<T>(Memory.Of<T>(destination), source.Length));

    public static void Download<T>(Span<T> destination, Tensor source)
        where T : unmanaged =>
        new ReadOnlySpan<T>(Memory.Of<T>(source), destination.Length).CopyTo(destination);
}
