using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Tests.Planning.Calibration;

/// <summary>The runs of the Llama papers whose layouts are published in part; nothing was fitted to them.</summary>
public sealed class LlamaRunTests(ITestOutputHelper output)
{
    private static readonly PresetFolder Presets = PresetFolder.Shipped();
    private static readonly TransformerShape Llama405B = new ModelCatalog(Presets).ReadPreset("llama3.1-405b").ToSpec().Shape;

    [Theory]
    [InlineData(1, 64, 8192, 2048, 43)]
    [InlineData(1, 128, 8192, 2048, 41)]
    [InlineData(16, 8, 131072, 128, 38)]
    public void Llama405B_Table4_Mfu(int cp, int dp, int seqLen, long batch, double published)
    {
        var layout = new Layout
        {
            Tp = 8, Cp = cp, DpShard = dp, Pp = 16, VirtualStages = 8, Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
            ZeroStage = 2, HasSequenceParallel = true,
        };
        foreach (var v in new[] { 1, 2, 4, 8 })
            output.WriteLine($"v {v}: {100 * Mfu(layout with { VirtualStages = v }, seqLen, batch):0.0} published {published}");
    }

    [Fact]
    public void Behemoth_On32000Gpus_Rate()
    {
        var cluster = new HardwareCatalog(Presets).Cluster("h100-100k");
        var model = new ModelCatalog(Presets).ReadPreset("llama4-behemoth").ToSpec().Shape;
        var stack = new StackCatalog(Presets).For(cluster.Gpu, cluster.Network.Kind, Precision.Fp8);
        foreach (var (tp, pp, v, dp, ep, mb) in new[] { (8, 12, 8, 336, 16, 24), (8, 16, 6, 250, 1, 24), (8, 16, 6, 256, 16, 24), (4, 32, 3, 256, 16, 48), (8, 8, 12, 496, 16, 16) })
        {
            var layout = new Layout
            {
                Tp = tp, Pp = pp, VirtualStages = v, DpShard = dp, Ep = ep, ZeroStage = 1, HasSequenceParallel = true,
                Schedule = PipelineScheduleKind.InterleavedOneForwardOneBackward,
            };
            var workload = new Workload { Model = model, SeqLen = 8192, GlobalBatchSequences = (long)dp * mb, Precision = Precision.Fp8 };
            var time = new TimeModel(workload, cluster, stack.Time).Evaluate(layout).Time.Total;
            var rate = ShapeFlops.Of(model, 8192).PerSequence * dp * mb / layout.World / time / 1e12;
            output.WriteLine($"{layout} {layout.World}: {rate:0} TFLOP/s, sigma {stack.RelativeSigma}");
        }
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
