using Altiplano.Distributed.Recording;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Tracing;

/// <summary>What decides a step of every rank, its data apart.</summary>
public sealed record StepSetting
{
    public required LlamaArchitecture Model { get; init; }
    public required Layout Layout { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int SeqLen { get; init; }

    /// <summary>Sequences of a step over all ranks.</summary>
    public required int SequencesPerStep { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Rows whose logits exist at a time.</summary>
    public int HeadChunkRows { get; init; } = ModelOptions.DefaultHeadChunkRows;

    /// <summary>What stands for the choices of a mixture's routers.</summary>
    public RoutingAssumption Routing { get; init; } = RoutingAssumption.Balanced;

    public ModelOptions ModelOptions => new(SeqLen, Layout.Recompute, HeadChunkRows, Routing);

    /// <summary>The steps of a run in which every choice is made.</summary>
    public static StepSetting Of(RunConfig config)
    {
        var (spec, options) = (config.Spec, ModelOptions.For(config.Spec));
        return new StepSetting
        {
            Model = spec.Model.Architecture, Layout = spec.ToLayout(), SeqLen = spec.Batch.SeqLen, SequencesPerStep = spec.Batch.SequencesPerStep,
            Precision = spec.Precision, HeadChunkRows = options.HeadChunkRows,
        };
    }

    /// <summary>True where closed forms describe the step: for a dense Llama.</summary>
    public bool HasClosedForm => Model.IsDenseLlama;

    /// <summary>The sizes of one rank's part, for closed forms.</summary>
    public StepShape ShapeOf(int rank) => new()
    {
        Model = Model, Layout = Layout, SeqLen = SeqLen, SequencesPerStep = SequencesPerStep, Precision = Precision, HeadChunkRows = HeadChunkRows,
        Rank = rank,
    };

    /// <summary>What one rank has of the model's weights; the caller disposes it.</summary>
    /// <exception cref="ConfigException">The ranks cannot share the model like this.</exception>
    public ParameterStore NewParameters(Engine engine, DeviceMesh mesh) => new(
        engine, Model, Precision.ToScalarType(), withGradients: true, new Sharding(mesh, Layout));

    /// <summary>First sample and number of samples of each microbatch that a rank reads in a step.</summary>
    /// <param name="step">Steps done before it.</param>
    public IReadOnlyList<(long First, int Count)> SamplesOf(long step, int rank)
    {
        using var world = RecordingCommunicator.Alone(rank, Layout.Mesh.World, _ => { });
        using var mesh = new DeviceMesh(Layout.Mesh, world);
        return [.. SamplesOf(step, mesh)];
    }

    /// <summary>The same for the rank of a mesh.</summary>
    public IEnumerable<(long First, int Count)> SamplesOf(long step, DeviceMesh mesh) =>
        StepSamples.Of(step * SequencesPerStep, SequencesPerStep, Layout.MicroBatchSize, mesh);
}
