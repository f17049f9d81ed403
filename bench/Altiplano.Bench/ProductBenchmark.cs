using System.Diagnostics;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Bench;

/// <summary>The matrix products of the 15M and 50M models at 1,024 rows: our route against libtorch's, in GFLOP/s.</summary>
internal static class ProductBenchmark
{
    private const long Rows = 1024;

    public static void Run()
    {
        var libtorch = Libtorch.Load();
        var (ours, plain) = (new Engine(Device.Cpu), new Engine(Device.Cpu, useFusedKernels: false));
        Console.WriteLine($"libtorch {libtorch.Version}, {libtorch.Threads} threads");
        Console.WriteLine("| product | M | N | K | ours GFLOP/s | libtorch GFLOP/s |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        Measure(ours, plain, new Product("square", 2048, 2048, 2048));
        foreach (var (d, f) in new[] { (288L, 768L), (512L, 2048L) })
        {
            foreach (var (name, output, input) in new[]
            {
                ("qkv_proj", 3 * d, d), ("o_proj", d, d), ("gate_up_proj", 2 * f, d), ("down_proj", d, f), ("lm_head", 32000L, d),
            })
            {
                Measure(ours, plain, new Product(name, Rows, output, input, TransposeB: true));
                Measure(ours, plain, new Product(name + " dx", Rows, input, output));
                Measure(ours, plain, new Product(name + " dw", output, input, Rows, TransposeA: true));
            }
        }
    }

    private static void Measure(Engine ours, Engine plain, Product product) => Console.WriteLine(
        $"| {product.Name} | {product.M} | {product.N} | {product.K} | {Rate(ours, product):F0} | {Rate(plain, product):F0} |");

    private static double Rate(Engine engine, Product product)
    {
        var (m, n, k) = (product.M, product.N, product.K);
        using var a = product.TransposeA ? engine.Zeros(ScalarType.Float32, k, m) : engine.Zeros(ScalarType.Float32, m, k);
        using var b = product.TransposeB ? engine.Zeros(ScalarType.Float32, n, k) : engine.Zeros(ScalarType.Float32, k, n);
        using var c = engine.Zeros(ScalarType.Float32, m, n);
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 7; i++)
        {
            var start = Stopwatch.GetTimestamp();
            engine.MatMul(c, a, b, product.TransposeA, product.TransposeB);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        return 2.0 * m * n * k / best.TotalSeconds / 1e9;
    }

    private sealed record Product(string Name, long M, long N, long K, bool TransposeA = false, bool TransposeB = false);
}
