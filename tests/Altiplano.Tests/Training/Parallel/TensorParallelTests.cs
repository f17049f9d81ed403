using Altiplano.Distributed.InProcess;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>Each layer on two and four tp ranks against one: output, input gradient, every weight gradient, in fp64.</summary>
public sealed class TensorParallelTests
{
    private const int Rows = 12;
    private const double Tolerance = 1e-12;

    private static readonly LlamaArchitecture Model = new TrialSpec().Architecture;

    /// <summary>y and dx of the rank's rows.</summary>
    private delegate (Tensor Y, Tensor DX) Body(ParameterStore parameters, PackedBatch batch, Tensor x, Tensor dy);

    public TensorParallelTests() => Libtorch.Load();

    public static MatrixTheoryData<int, bool> Degrees => new([2, 4], [false, true]);

    [Theory]
    [MemberData(nameof(Degrees))]
    public void SelfAttention_OnTp_IsThatOfOneRank(int tp, bool keepNormed) => Compare(tp, (parameters, batch, x, dy) =>
    {
        using var rotary = new RotaryTable(parameters.Engine, Model, ScalarType.Float64, Rows);
        var attention = new SelfAttention(parameters, rotary, 1);
        var (y, saved) = attention.Forward(x, batch, keepNormed);
        var (dx, gradients) = attention.BackwardInput(saved, dy, batch);
        attention.BackwardWeight(saved, gradients);
        saved.Dispose();
        gradients.Dispose();
        return (y, dx);
    }, "self_attn", "input_layernorm");

    [Theory]
    [MemberData(nameof(Degrees))]
    public void Mlp_OnTp_IsThatOfOneRank(int tp, bool keepElementwise) => Compare(tp, (parameters, _, x, dy) =>
    {
        var mlp = new Mlp(parameters, 1);
        var (y, saved) = mlp.Forward(x, keepElementwise);
        var (dx, gradients) = mlp.BackwardInput(saved, dy);
        mlp.BackwardWeight(saved, gradients);
        saved.Dispose();
        gradients.Dispose();
        return (y, dx);
    }, "mlp", "post_attention_layernorm");

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Embedding_OnTp_IsThatOfOneRank(int tp) => Compare(tp, (parameters, batch, _, dy) =>
    {
        var embedding = new Embedding(parameters.View(ParameterTable.EmbeddingName), parameters.Tp);
        embedding.BackwardWeight(batch.Tokens_R, dy);
        return (embedding.Forward(batch.Tokens_R), dy.Rows(0, dy.Size(0)));
    }, "embed_tokens");

    [Theory]
    [InlineData(2, 5)]
    [InlineData(4, 1024)]
    public void LossHead_OnTp_IsThatOfOneRank(int tp, int chunkRows) => Compare(tp, (parameters, batch, x, _) =>
    {
        var head = new LossHead(parameters.View(ParameterTable.HeadName), chunkRows, parameters.Tp);
        using var losses_R = parameters.Engine.Empty(ScalarType.Float64, Rows);
        var dx = head.ForwardBackward(losses_R, x, batch.Targets_R, 0.1);
        using var onlyLosses_R = parameters.Engine.Empty(ScalarType.Float64, Rows);
        head.Forward(onlyLosses_R, x, batch.Targets_R);
        HostValues.Read(parameters.Engine, onlyLosses_R).ShouldBe(HostValues.Read(parameters.Engine, losses_R), 1e-14);
        var (part, count) = ParameterSlice.Part(Rows, parameters.Tp.Rank, parameters.Tp.Degree);
        using var own = losses_R.Rows(part, count);
        var y = parameters.Engine.Empty(ScalarType.Float64, count);
        parameters.Engine.Copy(y, own);
        return (y, dx);
    }, "lm_head");

    [Fact]
    public void Rows_ThatDoNotDivide_AreRefused() => Should.Throw<ShapeException>(() => InProcessWorld.Run(2, world =>
    {
        using var mesh = new DeviceMesh(new MeshShape { Tp = 2 }, world);
        mesh.Tp.ReduceScatterRows(new Engine(Device.Cpu).Zeros(ScalarType.Float64, 3, 4));
    })).Message.ShouldBe("f64[3, 4] has 3 rows, which do not divide by the 2 ranks of axis tp.");

    private static void Compare(int tp, Body body, params string[] parts)
    {
        var (expected, found) = (Run(1, body), Run(tp, body));

        Difference(found.Y, expected.Y).ShouldBeLessThan(Tolerance, "y");
        Difference(found.DX, expected.DX).ShouldBeLessThan(Tolerance, "dx");
        foreach (var (name, gradient) in expected.Gradients.Where(tensor => parts.Any(part => tensor.Key.Contains(part, StringComparison.Ordinal))))
            Difference(found.Gradients[name], gradient).ShouldBeLessThan(Tolerance, name);
    }

    private static (double[] Y, double[] DX, IReadOnlyDictionary<string, double[]> Gradients) Run(int tp, Body body)
    {
        var (y, dx) = (new double[tp][], new double[tp][]);
        var gradients = new WholeTensors(ParameterTable.Of(Model));
        InProcessWorld.Run(tp, world =>
        {
            using var mesh = new DeviceMesh(new MeshShape { Tp = tp }, world);
            var engine = new Engine(Device.Cpu);
            using var parameters = new ParameterStore(engine, Model, ScalarType.Float64, withGradients: true, new Sharding(mesh, 0));
            ParameterInitialization.Initialize(parameters, 3);
            using var batch = NewBatch(parameters);
            using var x = Part(engine, mesh.Tp, 0.3);
            using var dy = Part(engine, mesh.Tp, 0.7);
            var (output, dInput) = body(parameters, batch, x, dy);
            parameters.FinishGradients();
            (y[world.Rank], dx[world.Rank]) = (HostValues.Read(engine, output), HostValues.Read(engine, dInput));
            output.Dispose();
            dInput.Dispose();
            gradients.Add(parameters, group => group.Gradients);
        });
        return ([.. y.SelectMany(part => part)], [.. dx.SelectMany(part => part)], gradients.Values);
    }

    private static PackedBatch NewBatch(ParameterStore parameters)
    {
        long[] tokens = [.. Enumerable.Range(0, Rows).Select(i => (long)(i * 17 % 67))];
        long[] targets = [.. tokens.Skip(1), LossOperators.IgnoredTarget];
        targets[4] = LossOperators.IgnoredTarget;
        return new PackedBatch(parameters.Engine, tokens, targets, [new Segment(0, 5), new Segment(5, Rows - 5)], parameters.Vocabulary);
    }

    /// <summary>A rank's rows of a tensor that is the same for any number of ranks.</summary>
    private static Tensor Part(Engine engine, Axis tp, double frequency)
    {
        var (start, count) = ParameterSlice.Part(Rows, tp.Rank, tp.Degree);
        var width = Model.HiddenSize;
        double[] values = [.. Enumerable.Range(0, (int)count * width).Select(i => Math.Sin(frequency * (start * width + i) + 0.2))];
        return engine.Upload<double>(ScalarType.Float64, values, count, width);
    }

    private static double Difference(double[] a, double[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => double.IsNaN(x - y) ? double.PositiveInfinity : Math.Abs(x - y)).Max();
    }
}
