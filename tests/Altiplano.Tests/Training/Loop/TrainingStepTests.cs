using Altiplano.Tests.Training.Layers;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;

namespace Altiplano.Tests.Training.Loop;

public sealed class TrainingStepTests
{
    private static readonly OptimizerConfig Config = new() { Lr = 1e-2 };

    [Theory]
    [InlineData("model.embed_tokens.weight", double.NaN)]
    [InlineData("model.norm.weight", double.PositiveInfinity)]
    [InlineData("model.layers.1.mlp.down_proj.weight", double.NaN)]
    [InlineData("lm_head.weight", double.NegativeInfinity)]
    public void Run_WeightThatIsNotFinite_ChangesNothing(string name, double value)
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var tiny = new TinyLlama(type: type);
            using var optimizer = new AdamW(tiny.Parameters, Config);
            TrainingStep.Run(tiny.Llama, optimizer, [Windows(0, 4)], 1e-2).IsApplied.ShouldBeTrue();
            var values = tiny.Master(name);
            // An embedding row that the batch reads, not one that it leaves out.
            values[5 * (name.Contains("embed", StringComparison.Ordinal) ? 16 : 1)] = value;
            tiny.SetMaster(name, values);
            var before = Bits(tiny, optimizer);

            var outcome = TrainingStep.Run(tiny.Llama, optimizer, [Windows(0, 4)], 1e-2);

            outcome.IsApplied.ShouldBeFalse();
            (double.IsFinite(outcome.Loss) && double.IsFinite(outcome.GradNorm)).ShouldBeFalse();
            optimizer.NumUpdates.ShouldBe(1);
            Bits(tiny, optimizer).ShouldBe(before);
        }
    }

    /// <summary>A finite loss whose gradient overflows fp32 when it is squared must not pass either.</summary>
    [Fact]
    public void Run_GradientNormThatOverflows_ChangesNothing()
    {
        using var tiny = new TinyLlama(type: ScalarType.Float32);
        using var optimizer = new AdamW(tiny.Parameters, Config);
        tiny.SetMaster("lm_head.weight", [.. tiny.Master("lm_head.weight").Select(w => w * 1e36)]);
        var before = Bits(tiny, optimizer);

        var outcome = TrainingStep.Run(tiny.Llama, optimizer, [Windows(0, 4)], 1e-2);

        outcome.IsApplied.ShouldBeFalse();
        Bits(tiny, optimizer).ShouldBe(before);
    }

    [Fact]
    public void Run_FourMicrobatchesOfOne_IsTheStepOfOneOfFour()
    {
        using var one = new TinyLlama();
        using var four = new TinyLlama();
        using var oneOptimizer = new AdamW(one.Parameters, Config);
        using var fourOptimizer = new AdamW(four.Parameters, Config);
        for (var step = 0; step < 3; step++)
        {
            var whole = TrainingStep.Run(one.Llama, oneOptimizer, [Windows(4 * step, 4)], 1e-2);
            var parts = TrainingStep.Run(four.Llama, fourOptimizer, [.. Enumerable.Range(4 * step, 4).Select(i => Windows(i, 1))], 1e-2);
            parts.Loss.ShouldBe(whole.Loss, 1e-12);
            parts.GradNorm.ShouldBe(whole.GradNorm, 1e-11);
        }

        foreach (var spec in one.Parameters.Table)
            one.Master(spec.Name).Zip(four.Master(spec.Name), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-9, spec.Name);
    }

    [Fact]
    public void Run_ThreeHundredSteps_LeavesNoTensorBehind()
    {
        using var tiny = new TinyLlama(type: ScalarType.Float32);
        using var optimizer = new AdamW(tiny.Parameters, Config);
        TrainingStep.Run(tiny.Llama, optimizer, [Windows(0, 4)], 1e-2);
        var (tensors, bytes) = (tiny.Engine.LiveTensors, tiny.Engine.LiveBytes);

        for (var step = 0; step < 300; step++)
            TrainingStep.Run(tiny.Llama, optimizer, [Windows(step, 2), Windows(step + 2, 2)], 1e-3);

        tiny.Engine.LiveTensors.ShouldBe(tensors);
        tiny.Engine.LiveBytes.ShouldBe(bytes);
    }

    [Fact]
    public void Read_DocumentsInAWindow_AreSegmentsAndTheEndHasNoTarget()
    {
        var source = new BatchSource(ReadWindow, seqLen: 8, documentMask: true);

        var batch = source.Read(6, 2);

        batch.Segments.ShouldBe([new Segment(0, 3), new Segment(3, 5), new Segment(8, 3), new Segment(11, 5)]);
        batch.Targets[7].ShouldBe(LossOperators.IgnoredTarget);
        batch.NumValidTokens.ShouldBe(14);
        new BatchSource(ReadWindow, seqLen: 8, documentMask: false).Read(6, 2).Segments.ShouldBe([new Segment(0, 8), new Segment(8, 8)]);
    }

    private static HostBatch Windows(int first, int count) => new BatchSource(ReadWindow, seqLen: 8, documentMask: true).Read(first, count);

    /// <summary>Windows of 8 tokens with two documents each, the last target missing, as at the end of a file.</summary>
    private static Range ReadWindow(long number, Span<int> tokens, List<int> starts)
    {
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = (int)((number * 7 + i * (3 + number % 4) + 5) % 32);
        tokens[0] = 5;
        starts.Clear();
        starts.AddRange([0, 3]);
        return ..7;
    }

    private static byte[] Bits(TinyLlama tiny, AdamW optimizer)
    {
        var bits = new MemoryStream();
        foreach (var group in tiny.Parameters.Groups)
        {
            foreach (var tensor in new[] { group.Master, optimizer.FirstMoments(group), optimizer.SecondMoments(group) })
            {
                var bytes = new byte[tensor.NumBytes];
                tiny.Engine.Download<byte>(bytes, tensor);
                bits.Write(bytes);
            }
        }

        return bits.ToArray();
    }
}
