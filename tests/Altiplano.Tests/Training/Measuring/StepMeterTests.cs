using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Tests.Planning.Tracing;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Measuring;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Measuring;

public sealed class StepMeterTests : IDisposable
{
    private static readonly TrialSpec Spec = new();

    private readonly TempFolder _folder = new();

    public StepMeterTests() => Libtorch.Load();

    private RunFolder Run => new(_folder.Root);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Trace_OfTwoRanks_IsOneFileThatAStrictReaderTakes()
    {
        var file = _folder["trace.json"];
        InProcessWorld.Run(2, world => Train(world, new MeshShape { DpShard = 2 }, new TraceRequest(file, 2, 3)));

        var trace = TraceReader.Parse(File.ReadAllBytes(file));

        foreach (var rank in new[] { 0, 1 })
        {
            var bars = trace.Bars.Where(bar => bar.Process == rank).ToList();
            bars.Count(bar => bar.Name is "step 2" or "step 3").ShouldBe(2);
            bars.ShouldContain(bar => bar.Name == "forward" && trace.RowOf(bar) == "compute");
            bars.ShouldContain(bar => bar.Name == "mm" && trace.RowOf(bar) == "compute");
            bars.ShouldContain(bar => bar.Name == "all-gather" && bar.Category == "dp");
            bars.ShouldContain(bar => bar.Name.StartsWith("wait: ", StringComparison.Ordinal) && trace.RowOf(bar) == "compute");
        }

        Directory.GetFiles(Run.Traces, "part-*").ShouldBeEmpty();
    }

    [Fact]
    public void Measurements_OfARun_AreThoseOfEveryNthStep()
    {
        InProcessWorld.Run(2, world => Train(world, new MeshShape { Tp = 2 }));

        foreach (var rank in new[] { 0, 1 })
        {
            var measured = StepMeasurement.Load(Run.Measured(rank));
            measured.Select(step => step.Step).ShouldBe([2, 4]);
            measured[0].Operators.ShouldContain(op => op.Name == "mm" && op.Calls > 0 && op.Flops > 0 && op.Seconds > 0);
            measured[0].Collectives.ShouldContain(c => c.Axis == "tp" && c.Name == "reduce-scatter" && c.WaitedSeconds > 0);
            measured[0].PeakTensorBytes.ShouldBe(measured[1].PeakTensorBytes);
            measured[0].Seconds.ShouldBeGreaterThan(measured[0].Operators.Sum(op => op.Seconds));
        }
    }

    /// <summary>A run that goes on after step 3 has step 4 once.</summary>
    [Fact]
    public void Measurements_OfAResumedRun_AreCutAtItsStart()
    {
        InProcessWorld.Run(1, world => Train(world, new MeshShape()));
        using (new StepMeter(Run, null, every: 2, startStep: 3))
        {
        }

        StepMeasurement.Load(Run.Measured(0)).Select(step => step.Step).ShouldBe([2]);
    }

    [Fact]
    public void Load_LineThatIsNoMeasurement_NamesIt() =>
        Should.Throw<IOException>(() => StepMeasurement.Load(_folder.Write("m.jsonl", "{\"step\": 2}\n"))).Message.ShouldStartWith(
            $"{_folder["m.jsonl"]}: line 1 is not a measured step as train writes it.");

    private void Train(ICommunicator world, MeshShape shape, TraceRequest? request = null)
    {
        using var meter = new StepMeter(Run, world, every: 2, startStep: 0, request);
        var engine = new Engine(Device.Cpu, meter.Recorder);
        using var mesh = new DeviceMesh(shape, new RecordingCommunicator(world, meter.Recorder));
        using var parameters = new ParameterStore(
            engine, Spec.Architecture, ScalarType.Float32, withGradients: true, new Sharding(mesh, shape.DpShard > 1 ? 3 : 0));
        ParameterInitialization.Initialize(parameters, Spec.Seed);
        using var optimizer = new AdamW(parameters, Spec.Optimizer);
        using var model = new LlamaModel(parameters, new ModelOptions(TrialSpec.SeqLen));
        var batches = Spec.NewBatches();
        for (var step = 1; step <= 4; step++)
        {
            var samples = StepSamples.Of(0, TrialSpec.SequencesPerStep, TrialSpec.MaxMicroBatchSize, mesh);
            var start = TimeProvider.System.GetTimestamp();
            meter.Begin(step);
            TrainingStep.Run(model, optimizer, [.. samples.Select(part => batches.Read(part.First, part.Count))], 1e-2);
            meter.End(step, TimeProvider.System.GetElapsedTime(start));
        }

        meter.Finish();
    }
}
