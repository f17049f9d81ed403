using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Tests.Planning.Calibration;

/// <summary>The runs of the Llama papers, whose layouts are published in part.</summary>
public sealed class LlamaRunTests
{
    private static readonly PresetFolder Presets = PresetFolder.Shipped();
    private static readonly TransformerShape Llama405B = new ModelCatalog(Presets).ReadPreset("llama3.1-405b").ToSpec().Shape;

    /// <remarks>
    /// One layer a chunk: the MFU falls by 2 points where the bubble (p - 1) / (v m) doubles, which gives v m = 300 at m = 32.
    /// The RoCE stack was fitted to these rows, so this is a check of the formulas' shape, not a prediction.
    /// </remarks>
    [Theory]
    [InlineData(1, 64, 8192, 2048, 430)]
    [InlineData(1, 128, 8192, 2048, 400)]
    [InlineData(16, 8, 131072, 128, 380)]
    public void Llama405B_Table4_IsWithinTwoPoints(int cp, int dp, int seqLen, long batch, double publishedTflops)
    {
        var layout = new Layout
        {
            Tp = 8, Cp = cp, DpShard = dp, Pp = 16, VirtualStages = 8, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
            ZeroStage = 1, HasSequenceParallel = true,
        };

        (100 * Mfu(layout, seqLen, batch)).ShouldBe(publishedTflops / 9.894, 2);
    }

    /// <summary>390 TFLOP/s on 32,000 GPUs, of a shape, a batch and a layout that were never published.</summary>
    [Fact]
    public void Behemoth_On32Thousand_PublishedRateLiesInAnIntervalOfFifteenPercent()
    {
        var cluster = new HardwareCatalog(Presets).Cluster("h100-100k");
        var model = new ModelCatalog(Presets).ReadPreset("llama4-behemoth").ToSpec().Shape;
        var stack = new StackCatalog(Presets).For(cluster.Gpu, cluster.Network.Kind, Precision.Fp8);
        var layout = new Layout
        {
            Tp = 8, Pp = 16, VirtualStages = 6, DpShard = 256, Ep = 16, ZeroStage = 1, HasSequenceParallel = true,
            Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
        };
        var workload = new Workload { Model = model, SeqLen = 8192, GlobalBatchSequences = 256 * 24, Precision = Precision.Fp8 };

        var time = new TimeModel(workload, cluster, stack.Time).Evaluate(layout).Time.Total;
        var rate = Figure.Around(ShapeFlops.Of(model, 8192).PerSequence * 256 * 24 / layout.World / time / 1e12, stack.RelativeSigma, stack.Evidence);

        (rate.High / rate.Value).ShouldBeLessThan(1.15);
        390.0.ShouldBeInRange(rate.Low, rate.High);
    }

    private static double Mfu(in Layout layout, int seqLen, long batch)
    {
        var cluster = new HardwareCatalog(Presets).Cluster("meta-24k-h100-roce");
        var workload = new Workload { Model = Llama405B, SeqLen = seqLen, GlobalBatchSequences = batch };
        var stack = new StackCatalog(Presets).For(cluster.Gpu, cluster.Network.Kind, Precision.Bf16);
        var cost = new TimeModel(workload, cluster, stack.Time).Evaluate(layout);
        return ShapeFlops.Of(Llama405B, seqLen).PerSequence * batch / layout.World / cost.Time.Total / cluster.Gpu.PeakBf16.Value;
    }
}
