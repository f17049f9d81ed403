using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Gradients against central differences of the loss, in fp64, for elements of every parameter.</summary>
public sealed class LlamaGradientTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 5e-9;

    public static TheoryData<string, bool, Recompute, bool> Variants => new()
    {
        { "untied, one document", false, Recompute.None, false },
        { "tied, three documents", true, Recompute.None, true },
        { "untied, three documents, selective recompute", false, Recompute.Selective, true },
        { "tied, one document, full recompute", true, Recompute.Full, false },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gradient_EveryParameter_IsTheSlopeOfTheLoss(string variant, bool tied, Recompute recompute, bool packed)
    {
        using var tiny = new TinyLlama(TinyLlama.Architecture with { TieWordEmbeddings = tied }, recompute: recompute, chunkRows: 3);
        using var batch = packed ? PackedDocuments(tiny.Engine) : tiny.Batch();
        tiny.ForwardBackward(batch);

        tiny.ShouldHaveTheSlopesOfTheLoss(batch, Step, Tolerance, samples: 12, $"{variant}: ");
    }

    [Theory]
    [InlineData(Recompute.Selective, 1024)]
    [InlineData(Recompute.Full, 1024)]
    [InlineData(Recompute.None, 1)]
    [InlineData(Recompute.None, 5)]
    public void ForwardBackward_RecomputeOrSmallChunks_ChangesNothingButRounding(Recompute recompute, int chunkRows)
    {
        using var plain = new TinyLlama();
        using var other = new TinyLlama(recompute: recompute, chunkRows: chunkRows);
        using var batch = plain.Batch();
        using var sameBatch = other.Batch();

        other.ForwardBackward(sameBatch).ShouldBe(plain.ForwardBackward(batch), 1e-14);
        foreach (var spec in plain.Parameters.Table)
            Difference(plain.Gradient(spec.Name), other.Gradient(spec.Name)).ShouldBeLessThan(1e-13, spec.Name);
    }

    [Fact]
    public void ForwardBackward_TwoMicrobatches_AddUpToTheWholeBatch()
    {
        using var tiny = new TinyLlama();
        using var whole = PackedDocuments(tiny.Engine);
        tiny.ForwardBackward(whole);
        var expected = tiny.Parameters.Table.ToDictionary(s => s.Name, s => tiny.Gradient(s.Name));

        tiny.Parameters.ForgetGradients();
        using var first = new PackedBatch(tiny.Engine, [4, 8, 15], [8, 15, -100], [new Segment(0, 3)]);
        using var second = new PackedBatch(tiny.Engine, [16, 23, 31, 2, 9], [23, 31, -100, 9, 5], [new Segment(0, 3), new Segment(3, 2)]);
        foreach (var part in new[] { first, second })
            tiny.Llama.ForwardBackward(part, 1.0 / whole.NumValidTokens).Dispose();

        foreach (var spec in tiny.Parameters.Table)
            Difference(expected[spec.Name], tiny.Gradient(spec.Name)).ShouldBeLessThan(1e-14, spec.Name);
    }

    [Fact]
    public void Logits_PackedDocuments_AreThoseOfEachDocumentAlone()
    {
        using var tiny = new TinyLlama();
        using var packed = PackedDocuments(tiny.Engine);
        using var alone = new PackedBatch(tiny.Engine, [16, 23, 31], [-100, -100, -100], [new Segment(0, 3)]);
        using var packed_RV = tiny.Llama.Logits(packed);
        using var alone_RV = tiny.Llama.Logits(alone);
        using var same_RV = packed_RV.Rows(3, 3);

        Difference(HostValues.Read(tiny.Engine, same_RV), HostValues.Read(tiny.Engine, alone_RV)).ShouldBeLessThan(1e-14);
    }

    [Fact]
    public void ForwardBackward_PlainLibtorchOperators_AgreeWithFusedKernels()
    {
        using var fused = new TinyLlama();
        using var plain = new TinyLlama(engine: TinyLlama.NewEngine(fused: false));
        using var batch = PackedDocuments(fused.Engine);
        using var sameBatch = PackedDocuments(plain.Engine);

        plain.ForwardBackward(sameBatch).ShouldBe(fused.ForwardBackward(batch), 1e-13);
        foreach (var spec in fused.Parameters.Table)
            Difference(fused.Gradient(spec.Name), plain.Gradient(spec.Name)).ShouldBeLessThan(1e-13, spec.Name);
    }

    [Fact]
    public void ForwardBackward_Bf16WithFp32Masters_IsNearFp32AndKeepsGradientsInFp32()
    {
        using var fp32 = new TinyLlama(type: ScalarType.Float32);
        using var bf16 = new TinyLlama(type: ScalarType.BFloat16);
        using var batch = fp32.Batch();
        using var sameBatch = bf16.Batch();

        bf16.ForwardBackward(sameBatch).ShouldBe(fp32.ForwardBackward(batch), 1e-2);
        foreach (var group in bf16.Parameters.Groups)
        {
            group.HasSeparateMaster.ShouldBeTrue();
            group.Weights.Type.ShouldBe(ScalarType.BFloat16);
            group.Master.Type.ShouldBe(ScalarType.Float32);
            group.Gradients.Type.ShouldBe(ScalarType.Float32);
        }

        bf16.GradientNorm(ParameterTable.HeadName).ShouldBe(fp32.GradientNorm(ParameterTable.HeadName), 0.03);
    }

    [Theory]
    [InlineData(Recompute.None)]
    [InlineData(Recompute.Selective)]
    [InlineData(Recompute.Full)]
    public void ForwardBackward_ManySteps_LeavesNoTensorBehind(Recompute recompute)
    {
        using var tiny = new TinyLlama(recompute: recompute);
        using var batch = PackedDocuments(tiny.Engine);
        tiny.ForwardBackward(batch);
        var (tensors, bytes) = (tiny.Engine.LiveTensors, tiny.Engine.LiveBytes);

        for (var i = 0; i < 3; i++)
        {
            tiny.ForwardBackward(batch);
            tiny.Loss(batch);
        }

        tiny.Engine.LiveTensors.ShouldBe(tensors);
        tiny.Engine.LiveBytes.ShouldBe(bytes);
    }

    [Fact]
    public void ForwardBackward_OnShapes_ReportsTheOperatorsOfTheRealStep()
    {
        var (shapes, real) = (new CallRecorder(), new CallRecorder());
        Run(new Engine(Device.Shape, shapes));
        TinyLlama.NewEngine();
        Run(new Engine(Device.Cpu, real));

        shapes.Calls.Count.ShouldBeGreaterThan(60);
        shapes.Calls.ShouldBe(real.Calls);
        shapes.PeakBytes.ShouldBe(real.PeakBytes);

        static void Run(Engine engine)
        {
            using var parameters = new ParameterStore(engine, TinyLlama.Architecture, ScalarType.Float32, withGradients: true);
            using var model = new LlamaModel(parameters, new ModelOptions(64));
            using var batch = PackedDocuments(engine);
            model.ForwardBackward(batch, 1.0).Dispose();
        }
    }

    private static PackedBatch PackedDocuments(Engine engine) => new(
        engine, [4, 8, 15, 16, 23, 31, 2, 9], [8, 15, -100, 23, 31, -100, 9, 5],
        [new Segment(0, 3), new Segment(3, 3), new Segment(6, 2)]);

    private static double Difference(double[] a, double[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }
}
