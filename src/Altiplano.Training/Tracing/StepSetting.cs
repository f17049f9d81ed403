using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Layers;

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

    /// <summary>The sizes of one rank's part, for closed forms.</summary>
    public StepShape ShapeOf(int rank) => new()
    {
        Model = Model, Layout = Layout, SeqLen = SeqLen, SequencesPerStep = SequencesPerStep, Precision = Precision, HeadChunkRows = HeadChunkRows,
        Rank = rank,
    };
}
