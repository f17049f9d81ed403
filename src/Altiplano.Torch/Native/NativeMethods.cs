using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Altiplano.Torch.Native;

/// <summary>
/// The entry points of libtorch's C ABI that Altiplano calls; all are exported by 2.10 and kept by later releases.
/// </summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The logical name that <see cref="Libtorch"/> resolves to the library it loaded.</summary>
    public const string LibraryName = "torch";

    /// <summary>Asks for operators as release 2.10 defined them, on any later libtorch.</summary>
    public const ulong AbiVersion = 0x020A_0000_0000_0000;

    [DllImport(LibraryName)] public static extern ulong aoti_torch_abi_version();
    [DllImport(LibraryName)]
    public static extern int aoti_torch_empty_strided(
        long ndim, long* sizes, long* strides, int type, int deviceType, int deviceIndex, nint* result);
    [DllImport(LibraryName)]
    public static extern int aoti_torch__reinterpret_tensor(
        nint tensor, long ndim, long* sizes, long* strides, long offset, nint* result);
    [DllImport(LibraryName)] public static extern int aoti_torch_new_tensor_handle(nint tensor, nint* result);
    [DllImport(LibraryName)] public static extern int aoti_torch_delete_tensor_object(nint tensor);
    [DllImport(LibraryName)] public static extern int aoti_torch_get_data_ptr(nint tensor, void** data);
    [DllImport(LibraryName)] public static extern int aoti_torch_get_dim(nint tensor, long* ndim);
    [DllImport(LibraryName)] public static extern int aoti_torch_get_sizes(nint tensor, long** sizes);
    [DllImport(LibraryName)] public static extern int aoti_torch_get_strides(nint tensor, long** strides);
    [DllImport(LibraryName)] public static extern int aoti_torch_get_dtype(nint tensor, int* type);
    [DllImport(LibraryName)] public static extern int aoti_torch_copy_(nint self, nint source, int nonBlocking);
    [DllImport(LibraryName)] public static extern int aoti_torch_zero_(nint tensor);
    [DllImport(LibraryName)] public static extern int aoti_torch_aten_subtract_Tensor(nint a, nint b, double alpha, nint* result);
    [DllImport(LibraryName)] public static extern int aoti_torch_cpu_add_Scalar(nint a, double value, double alpha, nint* result);
    [DllImport(LibraryName)] public static extern int aoti_torch_cpu_mul_Scalar(nint a, double value, nint* result);
    [DllImport(LibraryName)] public static extern int aoti_torch_cpu_mm_out(nint output, nint a, nint b);
    [DllImport(LibraryName)]
    public static extern int aoti_torch_cpu_addmm_out(
        nint output, nint addend, nint a, nint b, double beta, double alpha);
    [DllImport(LibraryName)]
    public static extern int aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
        nint q, nint k, nint v, double dropout, int isCausal, nint* mask, double* scale, nint* output, nint* logSumExp);
    [DllImport(LibraryName)]
    public static extern int aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward(
        nint dOutput, nint q, nint k, nint v, nint output, nint logSumExp, double dropout, int isCausal, nint* mask, double* scale,
        nint* dq, nint* dk, nint* dv);
    [DllImport(LibraryName)] public static extern int torch_call_dispatcher(byte* name, byte* overload, ulong* stack, ulong version);
    [DllImport(LibraryName)] public static extern int torch_new_list_reserve_size(nuint size, nint* list);
    [DllImport(LibraryName)] public static extern int torch_list_push_back(nint list, ulong value);
    [DllImport(LibraryName)] public static extern void aoti_torch_grad_mode_set_enabled(byte enabled);
    [DllImport(LibraryName)] public static extern int torch_get_num_threads(uint* threads);
    [DllImport(LibraryName)]
    public static extern int torch_parallel_for(
        long begin, long end, long grain, delegate* unmanaged<long, long, void*, void> body, void* context);

    /// <summary>MKL's bf16 product with fp32 result; libtorch's own bf16 product is 25 times slower on an AVX2 CPU.</summary>
    [DllImport(LibraryName)]
    public static extern void cblas_gemm_bf16bf16f32(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, ushort* a, int lda, ushort* b, int ldb,
        float beta, float* c, int ldc);

    [DllImport("libc")] public static extern int setenv(byte* name, byte* value, int overwrite);
    [DllImport("libc")] public static extern int mallopt(int parameter, int value);
    [DllImport("libc")] public static extern int memfd_create(byte* name, uint flags);
    [DllImport("libc")] public static extern nint pread(int file, byte* buffer, nint count, long offset);
    [DllImport("libc")] public static extern long lseek(int file, long offset, int whence);
}
