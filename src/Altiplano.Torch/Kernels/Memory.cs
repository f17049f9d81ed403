using Altiplano.Torch.Native;

namespace Altiplano.Torch.Kernels;

/// <summary>The address of a tensor's first element. Only code in this folder reads it.</summary>
internal static unsafe class Memory
{
    public static T* Of<T>(Tensor tensor)
        where T : unmanaged
    {
        void* data;
        NativeTensor.Check(NativeMethods.aoti_torch_get_data_ptr(tensor.Handle, &data));
        return (T*)data;
    }
}
