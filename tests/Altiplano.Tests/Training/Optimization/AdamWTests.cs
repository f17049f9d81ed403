using Altiplano.Tests.Training.Layers;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Optimization;

namespace Altiplano.Tests.Training.Optimization;

public sealed class AdamWTests : IDisposable
{
    private static readonly OptimizerConfig Config = new() { WeightDecay = 0.1, Betas = new(0.9, 0.95), Eps = 1e-8, MaxGradNorm = 2 };

    private readonly TinyLlama _tiny = new();

    /// <summary>The formulas of Loshchilov and Hutter, element by element, in double.</summary>
    [Fact]
    public void Update_FourSteps_IsTheFormula()
    {
        using var optimizer = new AdamW(_tiny.Parameters, Config);
        var random = new Random(7);
        var expected = _tiny.Parameters.Groups.Select(group => HostValues.Read(_tiny.Engine, group.Master)).ToList();
        var m = expected.Select(w => new double[w.Length]).ToList();
        var v = expected.Select(w => new double[w.Length]).ToList();
        for (var t = 1; t <= 4; t++)
        {
            var (lr, scale) = (1e-2 / t, 1.0 / t);
            foreach (var (group, i) in _tiny.Parameters.Groups.Select((g, i) => (g, i)))
            {
                var gradient = Gradient(random, expected[i].Length);
                _tiny.Engine.Upload<double>(group.Gradients, gradient);
                for (var k = 0; k < gradient.Length; k++)
                {
                    var g = gradient[k] * scale;
                    m[i][k] = 0.9 * m[i][k] + 0.1 * g;
                    v[i][k] = 0.95 * v[i][k] + 0.05 * g * g;
                    var decayed = expected[i][k] * (group.IsDecayed ? 1 - lr * 0.1 : 1);
                    expected[i][k] = decayed - lr * (m[i][k] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i][k] / (1 - Math.Pow(0.95, t))) + 1e-8);
                }
            }

            optimizer.Update(lr, scale);
        }

        foreach (var (group, i) in _tiny.Parameters.Groups.Select((g, i) => (g, i)))
        {
            HostValues.Read(_tiny.Engine, group.Master).Zip(expected[i], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-14, group.Name);
            HostValues.Read(_tiny.Engine, optimizer.SecondMoments(group)).Zip(v[i], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-15, group.Name);
        }
    }

    [Fact]
    public void Update_NoGradient_DecaysMatricesAndLeavesNorms()
    {
        using var optimizer = new AdamW(_tiny.Parameters, Config);
        var before = _tiny.Parameters.Table.ToDictionary(spec => spec.Name, spec => _tiny.Master(spec.Name));
        foreach (var group in _tiny.Parameters.Groups)
            _tiny.Engine.Zero(group.Gradients);

        optimizer.Update(0.5, 1);

        foreach (var spec in _tiny.Parameters.Table)
        {
            var factor = spec.Name.Contains("norm", StringComparison.Ordinal) ? 1 : 1 - 0.5 * 0.1;
            _tiny.Master(spec.Name).ShouldBe(before[spec.Name].Select(w => w * factor), 1e-15, spec.Name);
        }
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(2, 1)]
    [InlineData(8, 0.25)]
    public void ClippingScale_Norm_BringsItUnderTheLimit(double norm, double expected)
    {
        using var optimizer = new AdamW(_tiny.Parameters, Config);
        optimizer.ClippingScale(norm).ShouldBe(expected);
    }

    [Fact]
    public void ClippingScale_InfiniteLimit_NeverClips()
    {
        using var optimizer = new AdamW(_tiny.Parameters, Config with { MaxGradNorm = double.PositiveInfinity });
        optimizer.ClippingScale(1e30).ShouldBe(1);
    }

    [Fact]
    public void GradientNorm_AllGroups_IsTheRootOfAllSquares()
    {
        using var optimizer = new AdamW(_tiny.Parameters, Config);
        using var batch = _tiny.Batch();
        _tiny.ForwardBackward(batch);

        optimizer.GradientNorm().ShouldBe(3.277294015227, 1e-9);
    }

    public void Dispose() => _tiny.Dispose();

    private static double[] Gradient(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
}
