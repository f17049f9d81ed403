using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Gradients of a mixture against central differences of the loss, in fp64, for elements of every parameter.</summary>
public sealed class Llama4GradientTests
{
    private const double Step = 1e-6;
    private const double Tolerance = 2e-7;

    /// <summary>Experts that a token visits, and what is recomputed.</summary>
    public static TheoryData<int, Recompute> Variants => new() { { 1, Recompute.None }, { 1, Recompute.Full }, { 2, Recompute.Selective } };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gradient_EveryParameter_IsTheSlopeOfTheLoss(int topK, Recompute recompute)
    {
        using var tiny = TinyLlama4.New(Visiting(topK), recompute: recompute);
        using var batch = PackedDocuments(tiny.Engine);
        tiny.ForwardBackward(batch);

        tiny.ShouldHaveTheSlopesOfTheLoss(batch, Step, Tolerance, samples: 5, "");
    }

    [Theory]
    [InlineData(1, Recompute.Selective)]
    [InlineData(1, Recompute.Full)]
    [InlineData(3, Recompute.Full)]
    public void ForwardBackward_Recompute_ChangesNothingButRounding(int topK, Recompute recompute)
    {
        using var plain = TinyLlama4.New(Visiting(topK));
        using var other = TinyLlama4.New(Visiting(topK), recompute: recompute);
        ShouldAgree(plain, other, 1e-13);
    }

    /// <summary>The router is changed between the passes: what is computed again keeps the experts that were chosen.</summary>
    [Fact]
    public void BackwardInput_FullRecompute_DecidesNothingAnew()
    {
        using var tiny = TinyLlama4.New(recompute: Recompute.Full);
        using var batch = TinyLlama4.Batch(tiny.Engine);
        using var rotary = new RotaryTable(tiny.Engine, tiny.Model, ScalarType.Float64, 16);
        var layer = new DecoderLayer(tiny.Parameters, rotary, 1, Recompute.Full);
        var x_RD = tiny.Engine.Upload<double>(ScalarType.Float64, [.. Enumerable.Range(0, 160).Select(i => Math.Sin(i))], 10, 16);
        var (y_RD, saved) = layer.Forward(x_RD, batch);
        var chosen = Experts(tiny, saved.Route!);
        var router = ParameterTable.LayerName(1, "feed_forward.router");
        tiny.SetMaster(router, [.. tiny.Master(router).Select(weight => -weight)]);

        var (dx_RD, work) = layer.BackwardInput(saved, y_RD, batch);

        Experts(tiny, work.Saved.Halves!.Mlp.Experts!.Route).ShouldBe(chosen);
        dx_RD.Dispose();
        work.Dispose();
    }

    [Fact]
    public void ForwardBackward_PlainLibtorchOperators_AgreeWithFusedKernels()
    {
        using var fused = TinyLlama4.New();
        using var plain = TinyLlama4.New(engine: TinyLlama.NewEngine(fused: false));
        ShouldAgree(fused, plain, 1e-12);
    }

    /// <summary>Every token visits all experts: rounding to bf16 would choose others.</summary>
    [Fact]
    public void ForwardBackward_Bf16WithFp32Masters_IsNearFp32()
    {
        using var fp32 = TinyLlama4.New(Visiting(4), ScalarType.Float32);
        using var bf16 = TinyLlama4.New(Visiting(4), ScalarType.BFloat16);
        using var batch = TinyLlama4.Batch(fp32.Engine);
        using var sameBatch = TinyLlama4.Batch(bf16.Engine);

        bf16.ForwardBackward(sameBatch).ShouldBe(fp32.ForwardBackward(batch), 0.1);
        bf16.GradientNorm(ParameterTable.ExpertName(1, "down_proj")).ShouldBe(fp32.GradientNorm(ParameterTable.ExpertName(1, "down_proj")), 0.2);
    }

    [Theory]
    [InlineData(Recompute.None)]
    [InlineData(Recompute.Selective)]
    [InlineData(Recompute.Full)]
    public void ForwardBackward_ManySteps_LeavesNoTensorBehind(Recompute recompute)
    {
        using var tiny = TinyLlama4.New(recompute: recompute);
        using var batch = PackedDocuments(tiny.Engine);
        tiny.ForwardBackward(batch);
        var (tensors, bytes) = (tiny.Engine.LiveTensors, tiny.Engine.LiveBytes);

        tiny.ForwardBackward(batch);
        tiny.Loss(batch);

        tiny.Engine.LiveTensors.ShouldBe(tensors);
        tiny.Engine.LiveBytes.ShouldBe(bytes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public void Extend_TokenByToken_GivesTheLogitsOfAllAtOnce(int chunkTokens)
    {
        var rules = TinyLlama4.Architecture.Attention! with { ChunkTokens = chunkTokens };
        using var tiny = TinyLlama4.New(TinyLlama4.Architecture with { Attention = rules });
        using var batch = TinyLlama4.Batch(tiny.Engine);
        using var expected_RV = tiny.Llama.Logits(batch);
        var caches = Enumerable.Range(0, 4).Select(_ => new LayerCache(tiny.Engine, tiny.Model, ScalarType.Float64, 10)).ToList();
        var (expected, last) = (HostValues.Read(tiny.Engine, expected_RV), Array.Empty<double>());
        for (int done = 0, count = 6; done < 10; done += count, count = 1)
        {
            using var tokens_R = tiny.Engine.Upload<long>(ScalarType.Int64, TinyLlama4.Tokens.AsSpan(done, count), count);
            using var positions_R = tiny.Engine.Upload<long>(ScalarType.Int64, [.. Enumerable.Range(done, count).Select(i => (long)i)], count);
            using var logits_1V = tiny.Llama.Extend(tokens_R, positions_R, caches);
            last = HostValues.Read(tiny.Engine, logits_1V);
        }

        Difference(last, expected[^32..]).ShouldBeLessThan(1e-12);
        caches.ForEach(cache => cache.Dispose());
    }

    private static LlamaArchitecture Visiting(int topK) =>
        TinyLlama4.Architecture with { Mixture = TinyLlama4.Architecture.Mixture! with { TopK = topK } };

    private static void ShouldAgree(TinyLlama one, TinyLlama other, double tolerance)
    {
        using var batch = PackedDocuments(one.Engine);
        using var sameBatch = PackedDocuments(other.Engine);
        other.ForwardBackward(sameBatch).ShouldBe(one.ForwardBackward(batch), tolerance);
        foreach (var spec in one.Parameters.Table)
            Difference(one.Gradient(spec.Name), other.Gradient(spec.Name)).ShouldBeLessThan(tolerance, spec.Name);
    }

    private static long[] Experts(TinyLlama tiny, ExpertRoute route)
    {
        var experts = new long[route.Experts_KR.NumElements];
        tiny.Engine.Download<long>(experts, route.Experts_KR);
        return experts;
    }

    /// <summary>The first is cut into chunks of 4 and 3 tokens.</summary>
    private static PackedBatch PackedDocuments(Engine engine) => new(
        engine, [4, 8, 15, 16, 23, 31, 2, 9, 14, 3], [8, 15, 16, 23, 31, 2, -100, 14, 3, 5], [new Segment(0, 7), new Segment(7, 3)]);

    private static double Difference(double[] a, double[] b)
    {
        a.Length.ShouldBe(b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }
}
