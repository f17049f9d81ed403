using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;

namespace Altiplano.Tests.Training.Tracing;

public sealed class StepRecorderTests
{
    private static readonly TrialSpec Spec = new();

    public StepRecorderTests() => Libtorch.Load();

    /// <summary>pp, dp_shard, cp, tp, ZeRO's stage.</summary>
    public static TheoryData<int, int, int, int, int> Meshes => new() { { 1, 1, 1, 1, 0 }, { 2, 2, 1, 1, 3 }, { 1, 1, 2, 2, 2 } };

    [Theory]
    [MemberData(nameof(Meshes))]
    public void Trace_OfARealStep_IsTheTraceOnShapesWithTimes(int pp, int dpShard, int cp, int tp, int zero)
    {
        var layout = new Layout
        {
            Pp = pp, DpShard = dpShard, Cp = cp, Tp = tp, ZeroStage = zero, MicroBatchSize = TrialSpec.MaxMicroBatchSize, HasSequenceParallel = true,
        };
        var rank = layout.Mesh.World - 1;
        StepTrace? real = null;

        InProcessWorld.Run(layout.Mesh.World, world =>
        {
            var recorder = world.Rank == rank ? new StepRecorder(TimeProvider.System) : new StepRecorder();
            var trace = RunReal(recorder, new RecordingCommunicator(world, recorder), layout);
            if (world.Rank == rank)
                real = trace;
        });
        var shapes = ShapeStep.Run(TracedTrials.SettingOf(Spec, layout), rank, Spec.NewBatches().Read);

        real!.IsTimed.ShouldBeTrue();
        shapes.IsTimed.ShouldBeFalse();
        real.Operators.Select(op => (op.Call, op.Action)).ShouldBe(shapes.Operators.Select(op => (op.Call, op.Action)));
        real.Collectives.Select(c => (c.Record, c.Action)).ShouldBe(shapes.Collectives.Select(c => (c.Record, c.Action)));
        real.Actions.Select(action => action.Action).ShouldBe(shapes.Actions.Select(action => action.Action));
        Lives(real).ShouldBe(Lives(shapes));
    }

    [Fact]
    public void Trace_OfARealStep_HasTimesInOrder()
    {
        var recorder = new StepRecorder(TimeProvider.System);
        using var world = RecordingCommunicator.Alone(0, 1, recorder);
        var trace = RunReal(recorder, world, new Layout { MicroBatchSize = TrialSpec.MaxMicroBatchSize });

        trace.Operators.ShouldAllBe(op => op.Time!.Value.Duration >= 0);
        trace.Operators.Zip(trace.Operators.Skip(1)).ShouldAllBe(pair => pair.First.Time!.Value.Start <= pair.Second.Time!.Value.Start);
        foreach (var op in trace.Operators.Where(op => op.Action is not null))
        {
            var action = trace.Actions[op.Action!.Value].Time!.Value;
            (op.Time!.Value.Start >= action.Start && op.Time.Value.End <= action.End).ShouldBeTrue();
        }
    }

    [Fact]
    public void Begin_AgainAndAgain_RecordsOneStepEach()
    {
        var recorder = new StepRecorder();
        var engine = new Engine(Device.Shape, recorder);
        using var state = engine.Zeros(ScalarType.Float32, 8);
        var traces = Enumerable.Range(0, 2).Select(_ =>
        {
            recorder.Begin();
            using (engine.Allocating(MemoryPart.Weights))
                engine.Empty(ScalarType.Float32, 2).Dispose();
            return recorder.End();
        }).ToList();

        traces.ShouldAllBe(trace => trace.NumEvents == 2);
        traces[1].Allocations.ShouldBe(
        [
            new TracedAllocation(null, null, 32, MemoryPart.Working, null, null, 0), new TracedAllocation(0, 1, 8, MemoryPart.Weights, null, null, 0),
        ]);
    }

    /// <summary>What lives longer than the action that made it; within one, kernels have memory of their own.</summary>
    /// <remarks>When a message that was sent is let go is a matter of time.</remarks>
    private static List<(long, MemoryPart, int?, int?)> Lives(StepTrace trace) =>
    [
        .. from life in trace.Allocations
           where life.Part != MemoryPart.Working || life.ReleaseAction != life.Action
           select (life.Bytes, life.Part, life.Action, life.Part == MemoryPart.Working ? null : life.ReleaseAction),
    ];

    private static StepTrace RunReal(StepRecorder recorder, Altiplano.Distributed.ICommunicator world, Layout layout)
    {
        var engine = new Engine(Device.Cpu, recorder);
        using var mesh = new DeviceMesh(layout.Mesh, world);
        using var parameters = new ParameterStore(
            engine, Spec.Architecture, ScalarType.Float32, withGradients: true, new Sharding(mesh, layout.ZeroStage));
        using var optimizer = new AdamW(parameters, Spec.Optimizer);
        using var model = new LlamaModel(parameters, new ModelOptions(TrialSpec.SeqLen, HeadChunkRows: TrialSpec.HeadChunkRows));
        var batches = Spec.NewBatches();
        var samples = StepSamples.Of(0, TrialSpec.SequencesPerStep, layout.MicroBatchSize, mesh);
        List<HostBatch> microbatches = [.. samples.Select(part => batches.Read(part.First, part.Count))];
        recorder.Begin();
        TrainingStep.Run(model, optimizer, microbatches, 1e-2);
        return recorder.End();
    }
}
