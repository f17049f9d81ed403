using Altiplano.Cli.Configuration;
using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Parallel;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>The step of one rank of Llama 4 Behemoth on 100,352 GPUs, on shapes and with nobody else there.</summary>
public sealed class BehemothStepTests
{
    private const int Layers = 96 / 16;
    private const int MicroBatches = 32;
    private const int SeqLen = 8192;

    private static readonly Layout Layout = new()
    {
        Pp = 16, DpReplicate = 7, DpShard = 112, Tp = 8, Ep = 16, ZeroStage = 1, Recompute = Recompute.Full, HasSequenceParallel = true,
    };

    private static readonly StepSetting Setting = new()
    {
        Model = new ModelCatalog(PresetFolder.Shipped()).ReadPreset("llama4-behemoth").ToSpec().Architecture,
        Layout = Layout, SeqLen = SeqLen, SequencesPerStep = MicroBatches * Layout.Dp, Precision = Precision.Bf16,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(83_117)]
    [InlineData(100_351)]
    public void Step_OneRank_ExchangesRowsSixTimesAndCountsOnceAMixture(int rank)
    {
        Layout.World.ShouldBe(100_352);

        var exchanges = ShapeStep.Run(Setting, rank).Collectives.Select(collective => collective.Record).Where(record => record.Axis == "ep").ToList();

        // Rows go there and back in the forward pass, again where it is recomputed, and in the backward pass; counts are decided once.
        exchanges.Count.ShouldBe(Layers * MicroBatches * 7);
        exchanges.ShouldAllBe(record => record.Kind == CollectiveKind.AllToAll && record.Ranks == 16);
        var rows = exchanges.Where(record => record.Bytes > 16 * sizeof(long)).ToList();
        rows.Count.ShouldBe(Layers * MicroBatches * 6);
        rows.ShouldAllBe(record => record.Bytes == SeqLen / 8 * 16384 * 2);
    }

    [Fact]
    public void Groups_OfExperts_AreShardedOverTheRanksThatHaveTheSame()
    {
        using var world = RecordingCommunicator.Alone(0, (int)Layout.World, _ => { });
        using var mesh = new DeviceMesh(Layout.Mesh, world);
        using var parameters = new ParameterStore(
            new Engine(Device.Shape), Setting.Model, ScalarType.BFloat16, withGradients: true, new Sharding(mesh, Layout.ZeroStage));

        var experts = parameters.Groups.First(group => group.IsOfExperts);

        mesh.ExpertFsdp.Degree.ShouldBe(7);
        experts.Slices.Select(slice => slice.NumElements).ShouldBe([16384L * 2 * 24064 / 8, 24064L / 8 * 16384]);
        experts.Weights.NumElements.ShouldBe((3L * 16384 * 24064 / 8 + 6) / 7);
    }

    /// <summary>The rank of the first expert, which twice as many rows visit.</summary>
    [Fact]
    public void Step_MeasuredLoad_ChoosesTheRowsOfEachExpert()
    {
        var skewed = Setting with { Routing = RoutingAssumption.Measured([2, .. Enumerable.Repeat(1.0, 14), 0]) };

        Flops(skewed).ShouldBe(2 * Flops(Setting), 1e-12 * Flops(Setting));
    }

    private static double Flops(StepSetting setting) => ShapeStep.Run(setting, 0).Operators
        .Where(op => op.Call.Name.StartsWith("grouped_mm", StringComparison.Ordinal)).Sum(op => op.Call.Flops);
}
