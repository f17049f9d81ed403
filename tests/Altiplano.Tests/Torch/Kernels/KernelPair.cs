using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

/// <summary>An engine with fused kernels and one without.</summary>
internal sealed class KernelPair
{
    public KernelPair()
    {
        Libtorch.Load();
        Engines = [new Engine(Device.Cpu, useFusedKernels: false), new Engine(Device.Cpu)];
    }

    /// <summary>The plain one first.</summary>
    public IReadOnlyList<Engine> Engines { get; }

    /// <summary>Runs the same on both with the same operands and compares what comes out.</summary>
    /// <param name="sizes">What the operands are drawn from.</param>
    public void Compare(ScalarType type, int[] sizes, Func<Engine, KernelOperands, IReadOnlyList<Tensor>> run)
    {
        var results = Engines.Select(engine =>
        {
            using var data = new KernelOperands(engine, type, seed: sizes.Aggregate((a, b) => a * 1000 + b));
            return run(engine, data).Select(tensor => HostValues.Read(engine, tensor)).ToList();
        }).ToList();
        for (var output = 0; output < results[0].Count; output++)
            ShouldAgree(results[1][output], results[0][output], type, output);
    }

    /// <summary>Differences over the largest value, within 50 roundings: sums of some hundred terms in another order.</summary>
    private static void ShouldAgree(double[] fused, double[] plain, ScalarType type, int output)
    {
        var scale = Math.Max(1, plain.Max(Math.Abs));
        var tolerance = 50 * scale * (type == ScalarType.Float64 ? Math.Pow(2, -53) : Math.Pow(2, -24));
        var (difference, place) = plain.Select((value, i) => (Math.Abs(value - fused[i]), i)).Max();
        difference.ShouldBeLessThanOrEqualTo(tolerance, $"output {output}, element {place}: {fused[place]:R} against {plain[place]:R}");
    }
}

/// <summary>Operands of one run, the same for the same seed; disposed together.</summary>
internal sealed class KernelOperands(Engine engine, ScalarType type, int seed) : IDisposable
{
    private readonly Random _random = new(seed);
    private readonly List<Tensor> _tensors = [];

    public Tensor Of(params ReadOnlySpan<long> shape) => Of(scale: 2, shape);

    /// <summary>Evenly drawn from -scale to scale.</summary>
    public Tensor Of(double scale, params ReadOnlySpan<long> shape)
    {
        var tensor = Empty(shape);
        var values = Enumerable.Range(0, (int)tensor.NumElements).Select(_ => (2 * _random.NextSingle() - 1) * scale).ToArray();
        if (type == ScalarType.Float64)
            engine.Upload<double>(tensor, values);
        else
            engine.Upload<float>(tensor, [.. values.Select(value => (float)value)]);
        return tensor;
    }

    public Tensor Empty(params ReadOnlySpan<long> shape) => Keep(engine.Empty(type, shape));

    public Tensor EmptyF64(long length) => Keep(engine.Empty(ScalarType.Float64, length));

    /// <summary>Numbers below <paramref name="limit"/>; every so many are the ignored target, from the second on.</summary>
    public Tensor Ids(int count, int limit, int ignoredEvery = int.MaxValue) => Keep(engine.Upload<long>(
        ScalarType.Int64,
        [.. Enumerable.Range(0, count).Select(i => i % ignoredEvery == 1 && ignoredEvery < int.MaxValue ? LossOperators.IgnoredTarget : _random.Next(limit))],
        count));

    public void Dispose() => _tensors.ForEach(tensor => tensor.Dispose());

    private Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }
}
