using Altiplano.Cli.Configuration;
using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>The step of one rank of Llama 4 Behemoth on 100,352 GPUs, on shapes and with nobody else there.</summary>
public sealed class BehemothStepTests
{
    private const int Layers = 96 / 16;
    private const int MicroBatches = 32;
    private const int SeqLen = 8192;
    private static readonly MeshShape Mesh = new() { Pp = 16, DpReplicate = 7, DpShard = 112, Tp = 8, Ep = 16 };

    [Theory]
    [InlineData(0)]
    [InlineData(83_117)]
    [InlineData(100_351)]
    public void Step_OneRank_ExchangesRowsSixTimesAndCountsOnceAMixture(int rank)
    {
        var records = new List<CollectiveRecord>();
        var parameters = RunStep(rank, records.Add);

        // Rows go there and back in the forward pass, again where it is recomputed, and in the backward pass; counts are decided once.
        var exchanges = records.Where(record => record.Axis == "ep").ToList();
        exchanges.Count.ShouldBe(Layers * MicroBatches * 7);
        exchanges.ShouldAllBe(record => record.Kind == CollectiveKind.AllToAll && record.Ranks == 16);
        var rows = exchanges.Where(record => record.Bytes > 16 * sizeof(long)).ToList();
        rows.Count.ShouldBe(Layers * MicroBatches * 6);
        rows.ShouldAllBe(record => record.Bytes == SeqLen / 8 * 16384 * 2);
        var experts = parameters.Groups.First(group => group.IsOfExperts);
        experts.Slices.Select(slice => slice.NumElements).ShouldBe([16384L * 2 * 24064 / 8, 24064L / 8 * 16384]);
        experts.Weights.NumElements.ShouldBe((3L * 16384 * 24064 / 8 + 6) / 7);
    }

    /// <summary>A measured load that is not balanced: all rows to the experts of one rank make it wait for all others.</summary>
    [Fact]
    public void Step_MeasuredLoad_ChoosesTheRowsOfEachExpert()
    {
        var (balanced, skewed) = (new CallRecorder(), new CallRecorder());
        RunStep(0, _ => { }, observer: balanced);
        RunStep(0, _ => { }, RoutingAssumption.Measured([2, .. Enumerable.Repeat(1.0, 14), 0]), skewed);

        Flops(skewed).ShouldBe(2 * Flops(balanced), 1e-12 * Flops(balanced));
    }

    private static double Flops(CallRecorder recorder) =>
        recorder.Calls.Where(call => call.Name.StartsWith("grouped_mm", StringComparison.Ordinal)).Sum(call => call.Flops);

    private static ParameterStore RunStep(
        int rank, Action<CollectiveRecord> listener, RoutingAssumption? routing = null, IOperatorObserver? observer = null)
    {
        var run = new RunSpec
        {
            Model = new ModelCatalog(PresetFolder.Shipped()).ReadPreset("llama4-behemoth").ToSpec(),
            Batch = new BatchSpec { SeqLen = SeqLen, GlobalBatchTokens = new TokenCount((long)SeqLen * MicroBatches * 7 * 112) },
            Parallel = new ParallelSpec { Recompute = Recompute.Full },
        };
        var engine = new Engine(Device.Shape, observer);
        using var world = RecordingCommunicator.Alone(rank, Mesh.World, listener);
        using var mesh = new DeviceMesh(Mesh, world);
        using var model = new RankModel(engine, run, new Sharding(mesh, 1), Precision.Bf16, routing);
        using var optimizer = new AdamW(model.Parameters, new OptimizerConfig());
        var batch = new HostBatch(new long[SeqLen], new long[SeqLen], [new Segment(0, SeqLen)]);
        var bytes = engine.LiveBytes;

        TrainingStep.Run(model.Model, optimizer, [.. Enumerable.Repeat(batch, MicroBatches)], 1e-4);

        engine.LiveBytes.ShouldBe(bytes);
        return model.Parameters;
    }
}
