using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Measuring;

/// <summary>What one rank does in a step: the trainer's own step on shapes, without libtorch and without the other ranks.</summary>
public static class ShapeStep
{
    /// <param name="rank">Of the world that the shape makes.</param>
    /// <param name="microbatches">This rank's own.</param>
    public static StepWork Of(
        LlamaArchitecture architecture, ModelOptions options, ScalarType type, MeshShape shape, int zero, int rank, params IReadOnlyList<HostBatch> microbatches)
    {
        var totals = new OperatorTotals();
        var collectives = new CollectiveTotals();
        var engine = new Engine(Device.Shape, totals);
        using var mesh = new DeviceMesh(shape, RecordingCommunicator.Alone(rank, shape.World, collectives.Add));
        using var parameters = new ParameterStore(engine, architecture, type, withGradients: true, new Sharding(mesh, zero));
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        using var model = new LlamaModel(parameters, options);
        totals.Clear();
        TrainingStep.Run(model, optimizer, microbatches, learningRate: 0);
        return new StepWork { Operators = totals.ToWork(), Collectives = collectives.ToWork(), PeakTensors = new Bytes(engine.PeakBytes) };
    }
}
