using Altiplano.Torch.Kernels;
using Altiplano.Torch.Native;

namespace Altiplano.Torch.Operators;

/// <summary>Matrix products.</summary>
public static class MatrixOperators
{
    /// <summary>output = a b, or output += a b; either operand may be taken transposed.</summary>
    /// <param name="output">[M, N] of the operands' type, or their accumulator type (bf16 operands, fp32 sum).</param>
    /// <param name="a">[M, K], or [K, M] when transposed.</param>
    /// <param name="b">[K, N], or [N, K] when transposed.</param>
    /// <exception cref="ShapeException">Sizes or element types do not fit.</exception>
    public static void MatMul(
        this Engine engine, Tensor output, Tensor a, Tensor b,
        bool transposeA = false, bool transposeB = false, bool accumulate = false)
    {
        var (m, k, n) = CheckProduct(output, a, b, transposeA, transposeB);
        using var call = engine.Begin("mm", 2.0 * m * n * k, a.NumBytes + b.NumBytes + output.NumBytes * (accumulate ? 2 : 1));
        if (!call.IsShapeOnly)
            Multiply(engine, output, a, b, transposeA, transposeB, accumulate);
    }

    /// <summary>output = addend + a b: the residual sum comes free with the product.</summary>
    /// <param name="output">[M, N].</param>
    /// <param name="addend">[M, N], may be <paramref name="output"/> itself.</param>
    /// <exception cref="ShapeException">Sizes or element types do not fit.</exception>
    public static void AddMatMul(this Engine engine, Tensor output, Tensor addend, Tensor a, Tensor b, bool transposeB = false)
    {
        var (m, k, n) = CheckProduct(output, a, b, false, transposeB);
        Expect.Is(addend, output.Type, output.Shape);
        using var call = engine.Begin("addmm", 2.0 * m * n * k, a.NumBytes + b.NumBytes + addend.NumBytes + output.NumBytes);
        if (call.IsShapeOnly)
            return;
        if (a.Type is ScalarType.BFloat16)
        {
            if (output != addend)
                NativeTensor.Copy(output, addend);
            ReducedPrecisionProduct.Run(engine, output, a, b, false, transposeB, accumulate: true);
            return;
        }

        Product(engine, output, addend, a, b, false, transposeB);
    }

    /// <summary>As <see cref="MatMul"/>, on operands that were checked, as a part of another operator.</summary>
    internal static void Multiply(
        Engine engine, Tensor output, Tensor a, Tensor b, bool transposeA = false, bool transposeB = false, bool accumulate = false)
    {
        if (a.Type is ScalarType.BFloat16)
            ReducedPrecisionProduct.Run(engine, output, a, b, transposeA, transposeB, accumulate);
        else
            Product(engine, output, accumulate ? output : null, a, b, transposeA, transposeB);
    }

    private static void Product(Engine engine, Tensor output, Tensor? addend, Tensor a, Tensor b, bool transposeA, bool transposeB)
    {
        if (engine.UsesFusedKernels && BlockedProduct.Suits(output, addend, a, b))
        {
            BlockedProduct.Run(output, addend, a, b, transposeA, transposeB);
            return;
        }

        using var left = new OrientedMatrix(a, transposeA);
        using var right = new OrientedMatrix(b, transposeB);
        NativeTensor.Check(addend is null
            ? NativeMethods.aoti_torch_cpu_mm_out(output.Handle, left.Tensor.Handle, right.Tensor.Handle)
            : NativeMethods.aoti_torch_cpu_addmm_out(output.Handle, addend.Handle, left.Tensor.Handle, right.Tensor.Handle, 1, 1));
    }

    private static (long M, long K, long N) CheckProduct(Tensor output, Tensor a, Tensor b, bool transposeA, bool transposeB)
    {
        Expect.Rank(a, 2, operation: "mm");
        Expect.Rank(b, 2, operation: "mm");
        var (m, k) = transposeA ? (a.Size(1), a.Size(0)) : (a.Size(0), a.Size(1));
        var (inner, n) = transposeB ? (b.Size(1), b.Size(0)) : (b.Size(0), b.Size(1));
        if (inner != k || a.Type != b.Type)
            Expect.Fail("mm", $"a{(transposeA ? "ᵀ" : "")} is {a} and b{(transposeB ? "ᵀ" : "")} is {b}; inner sizes and types must agree");
        var type = output.Type == a.Type.Accumulator() ? output.Type : a.Type;
        Expect.Is(output, type, [m, n], operation: "mm");
        return (m, k, n);
    }

    /// <summary>A matrix as it is, or its transposed view for the time of one call.</summary>
    private readonly ref struct OrientedMatrix(Tensor matrix, bool transpose)
    {
        public Tensor Tensor { get; } = transpose ? matrix.Transpose() : matrix;

        public void Dispose()
        {
            if (transpose)
                Tensor.Dispose();
        }
    }
}
