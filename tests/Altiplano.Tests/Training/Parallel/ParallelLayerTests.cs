using Altiplano.Distributed.InProcess;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>Each layer on tp, cp and both against one rank: output, input gradient, every weight gradient, in fp64.</summary>
public sealed class ParallelLayerTests
{
    private const int Rows = 24;
    private const double Tolerance = 1e-12;

    private static readonly LlamaArchitecture Model = new TrialSpec().Architecture;

    private static readonly int Width = Model.HiddenSize;

    /// <summary>y and dx of the rank's rows.</summary>
    private delegate (Tensor Y, Tensor DX) Body(ParameterStore parameters, PackedBatch batch, Tensor x, Tensor dy);

    public ParallelLayerTests() => Libtorch.Load();

    /// <summary>cp, tp, and what is kept for the backward pass.</summary>
    public static TheoryData<int, int, bool> Meshes =>
        new() { { 1, 2, false }, { 1, 4, true }, { 2, 1, true }, { 3, 1, false }, { 4, 1, true }, { 2, 2, false }, { 3, 4, true } };

    [Theory]
    [MemberData(nameof(Meshes))]
    public void SelfAttention_OnMesh_IsThatOfOneRank(int cp, int tp, bool keepNormed) =>
        Compare(new MeshShape { Cp = cp, Tp = tp }, Attention(keepNormed), "self_attn", "input_layernorm");

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(3, 4)]
    public void SelfAttention_OnRing_IsThatOfOneRank(int cp, int tp) => Compare(
        new MeshShape { Cp = cp, Tp = tp }, sharding => sharding with { CpMethod = ContextParallelMethod.Ring }, Attention(keepNormed: true),
        "self_attn", "input_layernorm");

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void SelfAttention_WithWholeRows_IsThatOfOneRank(int cp, int tp) => Compare(
        new MeshShape { Cp = cp, Tp = tp }, WithWholeRows, Attention(keepNormed: true), "self_attn", "input_layernorm");

    [Theory]
    [MemberData(nameof(Meshes))]
    public void Mlp_OnMesh_IsThatOfOneRank(int cp, int tp, bool keepElementwise) =>
        Compare(new MeshShape { Cp = cp, Tp = tp }, FeedForward(keepElementwise), "mlp", "post_attention_layernorm");

    [Fact]
    public void Mlp_WithWholeRows_IsThatOfOneRank() =>
        Compare(new MeshShape { Tp = 4 }, WithWholeRows, FeedForward(keepElementwise: true), "mlp", "post_attention_layernorm");

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    public void Embedding_OnMesh_IsThatOfOneRank(int cp, int tp) => Compare(new MeshShape { Cp = cp, Tp = tp }, Table, "embed_tokens");

    [Fact]
    public void Embedding_WithWholeRows_IsThatOfOneRank() => Compare(new MeshShape { Tp = 2 }, WithWholeRows, Table, "embed_tokens");

    [Theory]
    [InlineData(1, 2, 5)]
    [InlineData(1, 4, 1024)]
    [InlineData(2, 2, 5)]
    public void LossHead_OnMesh_IsThatOfOneRank(int cp, int tp, int chunkRows) =>
        Compare(new MeshShape { Cp = cp, Tp = tp }, Head(chunkRows), "lm_head");

    [Fact]
    public void LossHead_WithWholeRows_IsThatOfOneRank() => Compare(new MeshShape { Tp = 2 }, WithWholeRows, Head(chunkRows: 5), "lm_head");

    [Fact]
    public void Rows_ThatDoNotDivide_AreRefused() => Should.Throw<ShapeException>(() => InProcessWorld.Run(2, world =>
    {
        using var mesh = new DeviceMesh(new MeshShape { Tp = 2 }, world);
        mesh.Tp.ReduceScatterRows(new Engine(Device.Cpu).Zeros(ScalarType.Float64, 3, 4));
    })).Message.ShouldBe("f64[3, 4] has 3 rows, which do not divide by the 2 ranks of axis tp.");

    /// <summary>cp, tp, ep, whether rows are split over tp, and what is kept for the backward pass.</summary>
    public static TheoryData<int, int, int, bool, bool> ExpertMeshes => new()
    {
        { 1, 2, 1, true, true }, { 1, 4, 1, false, false }, { 2, 1, 1, true, false }, { 2, 1, 2, true, true }, { 4, 1, 2, true, false },
        { 4, 1, 4, true, true }, { 2, 2, 2, true, false }, { 2, 2, 2, false, true }, { 4, 3, 4, true, true },
    };

    [Theory]
    [MemberData(nameof(ExpertMeshes))]
    public void Mixture_OnMesh_IsThatOfOneRank(int cp, int tp, int ep, bool hasSequenceParallel, bool keepElementwise) => Compare(
        TrialSpec.MixtureOfExperts, new MeshShape { Cp = cp, Tp = tp, Ep = ep },
        sharding => sharding with { HasSequenceParallel = hasSequenceParallel }, FeedForward(keepElementwise),
        "layers.1.feed_forward", "layers.1.post_attention_layernorm");

    /// <summary>Layers 1 and 2 of the toy mixture: whole documents with a temperature, and chunks with a norm.</summary>
    [Theory]
    [InlineData(1, 2, 1, ContextParallelMethod.AllGather)]
    [InlineData(2, 1, 1, ContextParallelMethod.AllGather)]
    [InlineData(3, 2, 1, ContextParallelMethod.Ring)]
    [InlineData(1, 4, 2, ContextParallelMethod.AllGather)]
    [InlineData(4, 1, 2, ContextParallelMethod.AllGather)]
    [InlineData(2, 2, 2, ContextParallelMethod.Ring)]
    [InlineData(4, 1, 2, ContextParallelMethod.Ring)]
    public void SelfAttentionOfLlama4_OnMesh_IsThatOfOneRank(int cp, int tp, int layer, ContextParallelMethod method) => Compare(
        TrialSpec.MixtureOfExperts, new MeshShape { Cp = cp, Tp = tp }, sharding => sharding with { CpMethod = method },
        Attention(keepNormed: true, layer), $"layers.{layer}.self_attn", $"layers.{layer}.input_layernorm");

    private static Body Table => (parameters, batch, _, dy) =>
    {
        var embedding = new Embedding(parameters.View(ParameterTable.EmbeddingName), parameters.Tp);
        embedding.BackwardWeight(batch.Tokens_R, dy);
        return (embedding.Forward(batch.Tokens_R), dy.Rows(0, dy.Size(0)));
    };

    private static Body Head(int chunkRows) => (parameters, batch, x, _) =>
    {
        var head = new LossHead(parameters.View(ParameterTable.HeadName), chunkRows, parameters.Tp);
        using var losses_R = parameters.Engine.Empty(ScalarType.Float64, Rows / parameters.Cp.Degree);
        var dx = head.ForwardBackward(losses_R, x, batch.Targets_R, 0.1);
        using var onlyLosses_R = parameters.Engine.Empty(ScalarType.Float64, losses_R.Shape);
        head.Forward(onlyLosses_R, x, batch.Targets_R);
        HostValues.Read(parameters.Engine, onlyLosses_R).ShouldBe(HostValues.Read(parameters.Engine, losses_R), 1e-14);
        var (part, count) = OwnRows(parameters, losses_R.Size(0));
        using var own = losses_R.Rows(part, count);
        var y = parameters.Engine.Empty(ScalarType.Float64, count);
        parameters.Engine.Copy(y, own);
        return (y, dx);
    };

    private static Body FeedForward(bool keepElementwise) => (parameters, _, x, dy) =>
    {
        var mlp = new Mlp(parameters, 1);
        var (y, saved) = mlp.Forward(x, keepElementwise);
        var (dx, gradients) = mlp.BackwardInput(saved, dy);
        mlp.BackwardWeight(saved, gradients);
        saved.Dispose();
        gradients.Dispose();
        return (y, dx);
    };

    private static Body Attention(bool keepNormed, int layer = 1) => (parameters, batch, x, dy) =>
    {
        using var rotary = new RotaryTable(parameters.Engine, parameters.Architecture, ScalarType.Float64, Rows);
        var attention = new SelfAttention(parameters, rotary, layer);
        var (y, saved) = attention.Forward(x, batch, keepNormed);
        var (dx, gradients) = attention.BackwardInput(saved, dy, batch);
        attention.BackwardWeight(saved, gradients);
        saved.Dispose();
        gradients.Dispose();
        return (y, dx);
    };

    private static void Compare(MeshShape shape, Body body, params string[] parts) => Compare(shape, sharding => sharding, body, parts);

    private static void Compare(MeshShape shape, Func<Sharding, Sharding> with, Body body, params string[] parts) =>
        Compare(Model, shape, with, body, parts);

    private static void Compare(LlamaArchitecture model, MeshShape shape, Func<Sharding, Sharding> with, Body body, params string[] parts)
    {
        var (expected, found) = (Run(model, new MeshShape(), sharding => sharding, body), Run(model, shape, with, body));

        Difference(found.Y, expected.Y).ShouldBeLessThan(Tolerance, "y");
        Difference(found.DX, expected.DX).ShouldBeLessThan(Tolerance, "dx");
        foreach (var (name, gradient) in expected.Gradients.Where(tensor => parts.Any(part => tensor.Key.Contains(part, StringComparison.Ordinal))))
            Difference(found.Gradients[name], gradient).ShouldBeLessThan(Tolerance, name);
    }

    private static (double[] Y, double[] DX, IReadOnlyDictionary<string, double[]> Gradients) Run(
        LlamaArchitecture model, MeshShape shape, Func<Sharding, Sharding> with, Body body)
    {
        var (y, dx) = (new double[Rows * Width], new double[Rows * Width]);
        var gradients = new WholeTensors(ParameterTable.Of(model));
        InProcessWorld.Run(shape.World, world =>
        {
            using var mesh = new DeviceMesh(shape, world);
            var engine = new Engine(Device.Cpu);
            using var parameters = new ParameterStore(engine, model, ScalarType.Float64, withGradients: true, with(new Sharding(mesh, 0)));
            ParameterInitialization.Initialize(parameters, 3);
            using var batch = NewBatch(parameters);
            var rows = RowsOf(parameters);
            using var x = Values(engine, rows, 0.3);
            using var dy = Values(engine, rows, 0.7);
            var (output, dInput) = body(parameters, batch, x, dy);
            parameters.FinishGradients();
            Put(y, rows, HostValues.Read(engine, output));
            Put(dx, rows, HostValues.Read(engine, dInput));
            output.Dispose();
            dInput.Dispose();
            gradients.Add(parameters, group => group.Gradients);
        });
        return (y, dx, gradients.Values);
    }

    private static PackedBatch NewBatch(ParameterStore parameters)
    {
        long[] tokens = [.. Enumerable.Range(0, Rows).Select(i => (long)(i * 17 % 67))];
        long[] targets = [.. tokens.Skip(1), LossOperators.IgnoredTarget];
        targets[4] = LossOperators.IgnoredTarget;
        return new PackedBatch(
            parameters.Engine, tokens, targets, [new Segment(0, 5), new Segment(5, Rows - 5)], parameters.Vocabulary, parameters.Context);
    }

    /// <summary>The rows that a rank has: of its cp part, the tp part.</summary>
    private static long[] RowsOf(ParameterStore parameters)
    {
        long[] all = [.. Enumerable.Range(0, Rows)];
        var own = parameters.Context?.Pick(all) ?? all;
        var (start, count) = OwnRows(parameters, own.Length);
        return own[(int)start..(int)(start + count)];
    }

    /// <summary>The tp part of a cp rank's rows: all of them without sequence parallelism.</summary>
    private static (long Start, long Count) OwnRows(ParameterStore parameters, long rows) =>
        ParameterSlice.Part(rows, parameters.Tp.RowParts == 1 ? 0 : parameters.Tp.Rank, parameters.Tp.RowParts);

    private static Sharding WithWholeRows(Sharding sharding) => sharding with { HasSequenceParallel = false };

    /// <summary>A rank's rows of a tensor that is the same for any number of ranks.</summary>
    private static Tensor Values(Engine engine, long[] rows, double frequency) => engine.Upload<double>(
        ScalarType.Float64, [.. rows.SelectMany(row => Enumerable.Range(0, Width).Select(i => Math.Sin(frequency * (row * Width + i) + 0.2)))],
        rows.Length, Width);

    private static void Put(double[] whole, long[] rows, double[] values)
    {
        var width = values.Length / rows.Length;
        for (var i = 0; i < rows.Length; i++)
            Array.Copy(values, i * width, whole, rows[i] * width, width);
    }

    private static double Difference(double[] a, double[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => double.IsNaN(x - y) ? double.PositiveInfinity : Math.Abs(x - y)).Max();
    }
}
