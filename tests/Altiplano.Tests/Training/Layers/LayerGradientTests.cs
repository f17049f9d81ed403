using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Each layer by itself: input and weight gradients against central differences of Σ dy · y, in fp64.</summary>
public sealed class LayerGradientTests : IDisposable
{
    private const int Rows = 5;
    private const int Width = 16;
    private const double Step = 1e-5;
    private const double Tolerance = 2e-9;

    private readonly TinyLlama _tiny = new();
    private readonly PackedBatch _batch;

    public LayerGradientTests() => _batch = new PackedBatch(
        Engine, [4, 8, 15, 16, 23], [8, LossOperators.IgnoredTarget, 16, 23, 31], [new Segment(0, 2), new Segment(2, 3)]);

    private Engine Engine => _tiny.Engine;

    [Fact]
    public void RmsNorm_Gradients_AreSlopes()
    {
        const string Name = "model.layers.0.input_layernorm.weight";
        var norm = new RmsNorm(_tiny.Parameters.View(Name), 1e-5);
        Check(Width, Width, [Name], x =>
        {
            var (y, inverse) = norm.Forward(x);
            inverse.Dispose();
            return y;
        }, (x, dy) =>
        {
            var (y, inverse) = norm.Forward(x);
            norm.BackwardWeight(dy, x, inverse);
            return norm.BackwardInput(dy, x, inverse, residual_RD: null);
        });
    }

    [Fact]
    public void Linear_Gradients_AreSlopes()
    {
        const string Name = "model.layers.0.mlp.down_proj.weight";
        var linear = new Linear(_tiny.Parameters.View(Name));
        Check(24, Width, [Name], linear.Forward, (x, dy) =>
        {
            linear.BackwardWeight(x, dy);
            return linear.BackwardInput(dy);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SelfAttention_Gradients_AreSlopes(bool keepNormed)
    {
        using var rotary = new RotaryTable(Engine, TinyLlama.Architecture, ScalarType.Float64, 16);
        var attention = new SelfAttention(_tiny.Parameters, rotary, 1);
        Check(Width, Width, NamesOf("self_attn", "input_layernorm"), x =>
        {
            var (y, saved) = attention.Forward(x, _batch, keepNormed);
            saved.Dispose();
            return y;
        }, (x, dy) =>
        {
            var (_, saved) = attention.Forward(x, _batch, keepNormed);
            var (dx, gradients) = attention.BackwardInput(saved, dy, _batch);
            attention.BackwardWeight(saved, gradients);
            return dx;
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mlp_Gradients_AreSlopes(bool keepElementwise)
    {
        var mlp = new Mlp(_tiny.Parameters, 1);
        Check(Width, Width, NamesOf("mlp", "post_attention_layernorm"), x =>
        {
            var (y, saved) = mlp.Forward(x, keepElementwise);
            saved.Dispose();
            return y;
        }, (x, dy) =>
        {
            var (_, saved) = mlp.Forward(x, keepElementwise);
            var (dx, gradients) = mlp.BackwardInput(saved, dy);
            mlp.BackwardWeight(saved, gradients);
            return dx;
        });
    }

    [Fact]
    public void Embedding_Gradient_IsTheSlope()
    {
        const string Name = "model.embed_tokens.weight";
        var embedding = new Embedding(_tiny.Parameters.View(Name), _tiny.Parameters.Tp);
        using var dy = Random(3, Rows, Width);

        embedding.BackwardWeight(_batch.Tokens_R, dy);

        CheckWeight(Name, () => Objective(embedding.Forward(_batch.Tokens_R), dy));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1024)]
    public void LossHead_Gradients_AreSlopes(int chunkRows)
    {
        const string Name = "lm_head.weight";
        const double Scale = 0.25;
        var head = new LossHead(_tiny.Parameters.View(Name), chunkRows, _tiny.Parameters.Tp);
        using var x = Random(4, Rows, Width);
        using var losses = Engine.Empty(ScalarType.Float64, Rows);

        using var dx = head.ForwardBackward(losses, x, _batch.Targets_R, Scale);

        CheckInput(x, dx, Loss);
        CheckWeight(Name, Loss);

        double Loss()
        {
            head.Forward(losses, x, _batch.Targets_R);
            return Scale * HostValues.Read(Engine, losses).Sum();
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        _tiny.Dispose();
    }

    /// <param name="forward">y of x.</param>
    /// <param name="backward">dx of x and dy; adds to the gradients of the weights.</param>
    private void Check(int width, int outputWidth, string[] weights, Func<Tensor, Tensor> forward, Func<Tensor, Tensor, Tensor> backward)
    {
        using var x = Random(1, Rows, width);
        using var dy = Random(2, Rows, outputWidth);
        using var dx = backward(x, dy);

        CheckInput(x, dx, () => Objective(forward(x), dy));
        foreach (var name in weights)
            CheckWeight(name, () => Objective(forward(x), dy));
    }

    private void CheckInput(Tensor x, Tensor dx, Func<double> objective)
    {
        var (values, gradient) = (HostValues.Read(Engine, x), HostValues.Read(Engine, dx));
        CheckSlopes("input", values, gradient, changed => Engine.Upload<double>(x, changed), objective);
    }

    private void CheckWeight(string name, Func<double> objective) =>
        CheckSlopes(name, _tiny.Master(name), _tiny.Gradient(name), changed => _tiny.SetMaster(name, changed), objective);

    private static void CheckSlopes(string name, double[] values, double[] gradient, Action<double[]> set, Func<double> objective)
    {
        for (var i = 0; i < values.Length; i += Math.Max(1, values.Length / 80))
        {
            var slope = (At(i, values[i] + Step) - At(i, values[i] - Step)) / (2 * Step);
            gradient[i].ShouldBe(slope, Tolerance, $"{name}[{i}]");
        }

        set(values);

        double At(int place, double value)
        {
            var changed = values.ToArray();
            changed[place] = value;
            set(changed);
            return objective();
        }
    }

    private double Objective(Tensor y, Tensor dy)
    {
        using (y)
            return HostValues.Read(Engine, y).Zip(HostValues.Read(Engine, dy), (a, b) => a * b).Sum();
    }

    private static string[] NamesOf(string part, string norm) =>
        [.. Altiplano.Planning.Architecture.ParameterTable.Of(TinyLlama.Architecture).Select(spec => spec.Name)
            .Where(name => name.StartsWith("model.layers.1.", StringComparison.Ordinal)
                && (name.Contains(part + ".", StringComparison.Ordinal) || name.Contains(norm, StringComparison.Ordinal)))];

    private Tensor Random(int seed, params ReadOnlySpan<long> shape)
    {
        var (random, tensor) = (new Random(seed), Engine.Empty(ScalarType.Float64, shape));
        Engine.Upload<double>(tensor, [.. Enumerable.Range(0, (int)tensor.NumElements).Select(_ => 2 * random.NextDouble() - 1)]);
        return tensor;
    }
}
