using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Recording;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>The step of one rank on shapes, with nobody else there: what the real step does.</summary>
public sealed class RecordedStepTests
{
    private static readonly TrialSpec Spec = new();

    public RecordedStepTests() => Libtorch.Load();

    /// <summary>pp, dp_replicate, dp_shard, cp, tp, and ZeRO's stage; stage 3 goes with ring attention.</summary>
    public static TheoryData<int, int, int, int, int, int> Meshes => new()
    {
        { 1, 1, 1, 1, 2, 0 }, { 1, 2, 2, 1, 1, 0 }, { 1, 1, 2, 1, 2, 1 }, { 1, 2, 2, 1, 2, 2 }, { 1, 1, 4, 1, 2, 3 }, { 3, 1, 2, 1, 1, 3 },
        { 2, 1, 1, 1, 2, 0 }, { 1, 1, 1, 4, 1, 1 }, { 2, 1, 2, 2, 2, 3 },
    };

    private static ContextParallelMethod MethodOf(int zero) => zero == 3 ? ContextParallelMethod.Ring : ContextParallelMethod.AllGather;

    [Theory]
    [MemberData(nameof(Meshes))]
    public void Step_OnShapes_RecordsOperatorsAndCollectivesOfTheRealStep(int pp, int dpReplicate, int dpShard, int cp, int tp, int zero)
    {
        var shape = new MeshShape { Pp = pp, DpReplicate = dpReplicate, DpShard = dpShard, Cp = cp, Tp = tp };
        ShouldRecordTheRealStep(shape, shape.World - 1, zero, Spec);
    }

    /// <summary>dp_shard, cp, tp, ep, and ZeRO's stage. Weights are zeros, so the router sends all rows to the first expert.</summary>
    [Theory]
    [InlineData(1, 1, 2, 1, 0)]
    [InlineData(2, 1, 1, 2, 0)]
    [InlineData(4, 1, 1, 2, 3)]
    [InlineData(2, 2, 2, 4, 2)]
    public void StepOfAMixture_OnShapesWithTheMeasuredLoad_RecordsTheRealStep(int dpShard, int cp, int tp, int ep, int zero)
    {
        var shape = new MeshShape { DpShard = dpShard, Cp = cp, Tp = tp, Ep = ep };
        foreach (var rank in new[] { 0, shape.World - 1 })
            ShouldRecordTheRealStep(shape, rank, zero, Spec with { Architecture = TrialSpec.MixtureOfExperts });
    }

    private static void ShouldRecordTheRealStep(MeshShape shape, int rank, int zero, TrialSpec spec)
    {
        var (real, shapes) = (new List<CollectiveRecord>(), new List<CollectiveRecord>());
        var (realCalls, shapeCalls) = (new CallRecorder(), new CallRecorder());

        InProcessWorld.Run(shape.World, world =>
        {
            var isObserved = world.Rank == rank;
            using var recording = new RecordingCommunicator(world, isObserved ? real.Add : _ => { });
            RunStep(new Engine(Device.Cpu, isObserved ? realCalls : null), shape, recording, zero, spec);
        });
        RunStep(new Engine(Device.Shape, shapeCalls), shape, RecordingCommunicator.Alone(rank, shape.World, shapes.Add), zero, spec);

        shapes.ShouldBe(real);
        shapeCalls.Calls.ShouldBe(realCalls.Calls);
        shapeCalls.PeakBytes.ShouldBe(realCalls.PeakBytes);
    }

    /// <summary>Megatron's count with sequence parallelism: what each layer adds on tp.</summary>
    [Fact]
    public void Step_OnTp_HasTenCollectivesALayer()
    {
        var counts = new[] { 2, 3 }.Select(layers =>
        {
            var records = new List<CollectiveRecord>();
            var spec = Spec with { Architecture = Spec.Architecture with { NumLayers = layers } };
            var shape = new MeshShape { Tp = 2 };
            using var world = RecordingCommunicator.Alone(0, 2, records.Add);
            RunStep(new Engine(Device.Shape), shape, world, 0, spec);
            return records.GroupBy(record => record.Kind).ToDictionary(group => group.Key, group => group.Count());
        }).ToList();

        // Two microbatches; forward 2 + 2, backward 2 + 2 and 2 all-gathers of the weight half. The layer's norms: one all-reduce a step.
        (counts[1][CollectiveKind.AllGather] - counts[0][CollectiveKind.AllGather]).ShouldBe(4 * 6);
        (counts[1][CollectiveKind.ReduceScatter] - counts[0][CollectiveKind.ReduceScatter]).ShouldBe(4 * 4);
        (counts[1][CollectiveKind.AllReduce] - counts[0][CollectiveKind.AllReduce]).ShouldBe(1);
    }

    /// <summary>Megatron's count without sequence parallelism: two sums in each pass, and none for the norms.</summary>
    [Fact]
    public void Step_OnTpWithWholeRows_HasFourAllReducesALayer()
    {
        var counts = new[] { 2, 3 }.Select(layers =>
        {
            var records = new List<CollectiveRecord>();
            var spec = Spec with { Architecture = Spec.Architecture with { NumLayers = layers } };
            using var world = RecordingCommunicator.Alone(0, 2, records.Add);
            RunStep(new Engine(Device.Shape), new MeshShape { Tp = 2 }, world, 0, spec, hasSequenceParallel: false);
            records.ShouldAllBe(record => record.Kind == CollectiveKind.AllReduce);
            return records.Count;
        }).ToList();

        (counts[1] - counts[0]).ShouldBe(4 * 4);
    }

    /// <summary>Weights of a block travel before each of its two uses, their gradients once, for each microbatch.</summary>
    [Fact]
    public void Step_Zero3_GathersTwiceAndReducesOnceAMicrobatch()
    {
        var records = new List<CollectiveRecord>();
        using var world = RecordingCommunicator.Alone(1, 4, records.Add);
        RunStep(new Engine(Device.Shape), new MeshShape { DpShard = 4 }, world, 3);

        // One microbatch a rank. Blocks of two groups (matrices, norms): three layers twice, head and its norm once; the embedding's one group once.
        records.Count(record => record.Kind == CollectiveKind.AllGather).ShouldBe(3 * 2 * 2 + 2 + 1);
        records.Count(record => record.Kind == CollectiveKind.ReduceScatter).ShouldBe(3 * 2 + 2 + 1);
        records.ShouldAllBe(record => record.Axis == "dp_shard" && record.Ranks == 4);
    }

    [Fact]
    public void ReadStep_AnyMesh_CoversTheSamplesOfOneProcess()
    {
        var samples = new List<long>();
        for (var rank = 0; rank < 8; rank++)
        {
            using var world = RecordingCommunicator.Alone(rank, 8, _ => { });
            using var mesh = new DeviceMesh(new MeshShape { DpReplicate = 2, DpShard = 2, Tp = 2 }, world);
            if (mesh.Tp.Rank == 0)
                samples.AddRange(StepSamples.Of(96, 12, 2, mesh).SelectMany(part => Enumerable.Range(0, part.Count).Select(i => part.First + i)));
        }

        samples.ShouldBe(Enumerable.Range(96, 12).Select(i => (long)i));
    }

    [Theory]
    [InlineData(true, "mesh.ep is 3, but the 4 experts must divide by it: each rank needs whole experts. Use 1 or 4.")]
    [InlineData(false, "mesh.ep is 3, but the model has no experts. Use 1.")]
    public void ExpertsThatCannotBeDealtOut_AreRefused(bool isMixture, string message)
    {
        using var mesh = new DeviceMesh(new MeshShape { DpShard = 3, Ep = 3 }, RecordingCommunicator.Alone(0, 3, _ => { }));
        var model = isMixture ? TrialSpec.MixtureOfExperts : Spec.Architecture;
        Should.Throw<ConfigException>(() => new ParameterStore(new Engine(Device.Shape), model, ScalarType.Float32, true, new Sharding(mesh, 0)))
            .Problems.ShouldBe([message]);
    }

    [Fact]
    public void Mesh_OfAnotherSize_IsRefused() =>
        Should.Throw<CollectiveException>(() => new DeviceMesh(new MeshShape { Tp = 4 }, RecordingCommunicator.Alone(0, 2, _ => { })))
            .Message.ShouldBe("The mesh is world 4 = pp 1 x dp_replicate 1 x dp_shard 1 x cp 1 x tp 4, but 2 ranks were started.");

    [Theory]
    [InlineData(8, "mesh.tp is 8, but the model has 4 key/value heads and each rank needs whole heads. Use 1, 2 or 4.")]
    [InlineData(3, "mesh.tp is 3, but the model has 4 key/value heads and each rank needs whole heads. Use 1, 2 or 4.")]
    public void Tp_WithPartsOfKeyHeads_IsRefused(int tp, string message) => Should.Throw<ConfigException>(() =>
    {
        using var world = RecordingCommunicator.Alone(0, tp, _ => { });
        RunStep(new Engine(Device.Shape), new MeshShape { Tp = tp }, world, 0);
    }).Message.ShouldBe(message);

    private static void RunStep(Engine engine, MeshShape shape, ICommunicator world, int zero, TrialSpec? other = null, bool hasSequenceParallel = true)
    {
        var spec = other ?? Spec;
        using var mesh = new DeviceMesh(shape, world);
        var sharding = new Sharding(mesh, zero, CpMethod: MethodOf(zero), HasSequenceParallel: hasSequenceParallel);
        using var parameters = new ParameterStore(engine, spec.Architecture, ScalarType.Float32, withGradients: true, sharding);
        using var optimizer = new AdamW(parameters, spec.Optimizer);
        using var model = new LlamaModel(parameters, new ModelOptions(TrialSpec.SeqLen, Routing: RoutingAssumption.Measured([1, 0, 0, 0])));
        var batches = spec.NewBatches();
        var microbatches = StepSamples.Of(0, TrialSpec.SequencesPerStep, TrialSpec.MaxMicroBatchSize, mesh).Select(part => batches.Read(part.First, part.Count));
        var bytes = engine.LiveBytes;
        TrainingStep.Run(model, optimizer, [.. microbatches], 1e-2);
        engine.LiveBytes.ShouldBe(bytes);
    }
}
