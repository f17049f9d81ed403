namespace Altiplano.Torch.Kernels;

/// <summary>Tensors' memory for libraries that move bytes between ranks, which read and write it as it lies.</summary>
/// <remarks>The one way out of this folder: communication is arithmetic on no element, and copying for it would double its cost.</remarks>
public static class LentMemory
{
    /// <summary>Where a contiguous tensor's first element is; 0 on shapes. It must not be used after the tensor's storage is gone.</summary>
    /// <exception cref="ShapeException">The tensor is not contiguous.</exception>
    public static unsafe nint AddressOf(Tensor tensor)
    {
        Expect.Contiguous(tensor, operation: "communication");
        return tensor.Engine.IsShapeOnly ? 0 : (nint)Memory.Of<byte>(tensor);
    }
}
