using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

public sealed class BlockedProductTests
{
    /// <summary>Sums of up to 1,100 products of numbers below 1, in another order than the reference's.</summary>
    private const double Tolerance = 2e-4;

    [Theory]
    [InlineData(1024, 864, 288, false, true)]
    [InlineData(256, 288, 1000, false, false)]
    [InlineData(288, 288, 1024, true, false)]
    [InlineData(777, 301, 1100, true, false)]
    [InlineData(100, 3000, 97, false, true)]
    [InlineData(33, 130, 401, false, false)]
    [InlineData(65, 257, 129, true, true)]
    public void MatMul_OfAnySizeAndOrientation_EqualsPlainLibtorch(long m, long n, long k, bool transposeA, bool transposeB)
    {
        var (fused, plain) = Engines();
        var expected = Product(plain, m, n, k, transposeA, transposeB, accumulate: false);
        Largest(Product(fused, m, n, k, transposeA, transposeB, accumulate: false), expected).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [InlineData(512, 288, 768, false, true)]
    [InlineData(303, 288, 500, true, false)]
    public void MatMul_Accumulating_AddsToWhatIsThere(long m, long n, long k, bool transposeA, bool transposeB)
    {
        var (fused, plain) = Engines();
        var expected = Product(plain, m, n, k, transposeA, transposeB, accumulate: true);
        Largest(Product(fused, m, n, k, transposeA, transposeB, accumulate: true), expected).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void AddMatMul_OntoAnotherTensor_LeavesItAsItIs()
    {
        var (fused, plain) = Engines();
        var (expected, _) = Residual(plain);
        var (actual, addend) = Residual(fused);
        Largest(actual, expected).ShouldBeLessThan(Tolerance);
        addend.ShouldBe(Values(400 * 200, seed: 3).Select(value => (double)value));
    }

    [Fact]
    public void MatMul_OfViewsWithWiderRows_ReadsTheViewAlone()
    {
        var (fused, plain) = Engines();
        Largest(OfColumns(fused), OfColumns(plain)).ShouldBeLessThan(Tolerance);
    }

    private static (Engine Fused, Engine Plain) Engines()
    {
        Libtorch.Load();
        return (new Engine(Device.Cpu), new Engine(Device.Cpu, useFusedKernels: false));
    }

    private static double[] Product(Engine engine, long m, long n, long k, bool transposeA, bool transposeB, bool accumulate)
    {
        using var a = Matrix(engine, transposeA ? k : m, transposeA ? m : k, seed: 1);
        using var b = Matrix(engine, transposeB ? n : k, transposeB ? k : n, seed: 2);
        using var c = Matrix(engine, m, n, seed: 3);
        engine.MatMul(c, a, b, transposeA, transposeB, accumulate);
        return HostValues.Read(engine, c);
    }

    private static (double[] Output, double[] Addend) Residual(Engine engine)
    {
        using var a = Matrix(engine, 400, 300, seed: 1);
        using var b = Matrix(engine, 200, 300, seed: 2);
        using var addend = Matrix(engine, 400, 200, seed: 3);
        using var output = engine.Empty(ScalarType.Float32, 400, 200);
        engine.AddMatMul(output, addend, a, b, transposeB: true);
        return (HostValues.Read(engine, output), HostValues.Read(engine, addend));
    }

    private static double[] OfColumns(Engine engine)
    {
        using var wide = Matrix(engine, 300, 500, seed: 1);
        using var a = wide.Columns(100, 200);
        using var b = Matrix(engine, 200, 100, seed: 2);
        using var output = engine.Empty(ScalarType.Float32, 300, 100);
        engine.MatMul(output, a, b);
        return HostValues.Read(engine, output);
    }

    private static Tensor Matrix(Engine engine, long rows, long columns, int seed) =>
        engine.Upload<float>(ScalarType.Float32, Values(rows * columns, seed), rows, columns);

    private static float[] Values(long count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() * 2 - 1;
        return values;
    }

    private static double Largest(double[] actual, double[] expected) =>
        actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max();
}
