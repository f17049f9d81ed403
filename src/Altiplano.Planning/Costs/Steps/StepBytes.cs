using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>Closed form of the memory of one step of the trainer on one rank: the most bytes of each part, each at a time of its own.</summary>
public sealed class StepBytes
{
    private const long IndexBytes = 8;

    private readonly StepShape _shape;
    private readonly LayerBytes _layer;
    private readonly IReadOnlyList<FlatGroup> _groups;

    private StepBytes(StepShape shape)
    {
        (_shape, _layer) = (shape, new LayerBytes(shape));
        _groups = FlatGroups.OfRank(shape);
    }

    /// <summary>A trace of the same step has the same bytes of each part.</summary>
    public static IReadOnlyDictionary<StepPart, long> Of(StepShape shape)
    {
        var bytes = new StepBytes(shape);
        return new SortedDictionary<StepPart, long>
        {
            [StepPart.Weights] = bytes.Kept(shape.KeepsWeights) * shape.Width,
            [StepPart.GatheredWeights] = bytes.GatheredWeights(),
            [StepPart.Gradients] = bytes.Kept(shape.KeepsGradients) * shape.WideWidth,
            [StepPart.GradientBuffers] = shape.KeepsGradients ? 0 : new GradientTape(shape).Peak(),
            [StepPart.Optimizer] = bytes.Kept(isWhole: false) * shape.WideWidth * (shape.HasMaster ? 3 : 2),
            [StepPart.Activations] = bytes.Activations(),
            [StepPart.Messages] = new MessageTape(shape).Peak(),
            [StepPart.Temporaries] = bytes.Temporaries(),
            [StepPart.Tables] = 2L * shape.SeqLen * (shape.Model.HeadDim / 2) * shape.WideWidth,
        };
    }

    private long Kept(bool isWhole) =>
        _groups.Sum(group => isWhole ? group.PaddedLength(_shape.NumParts) : group.PartLength(_shape.NumParts));

    /// <summary>ZeRO 3: the block in use and the next one, which is on its way.</summary>
    private long GatheredWeights()
    {
        if (_shape.KeepsWeights)
            return 0;
        var (layer, embedding, head) = (Whole(FlatGroups.OfLayer(_shape)), Whole([FlatGroups.Embedding(_shape)]), Whole(FlatGroups.OfHead(_shape)));
        return _shape.Chunks.Max(chunk => Math.Max(
            MostOfTwo([.. chunk.IsFirst ? [embedding] : Array.Empty<long>(), .. Enumerable.Repeat(layer, chunk.NumLayers)]),
            MostOfTwo([.. chunk.IsLast ? [head] : Array.Empty<long>(), .. Enumerable.Repeat(layer, chunk.NumLayers)])));
    }

    private long Whole(IReadOnlyList<FlatGroup> groups) => groups.Sum(group => group.PaddedLength(_shape.NumParts)) * _shape.Width;

    private static long MostOfTwo(long[] inOrder) =>
        inOrder.Length == 1 ? inOrder[0] : inOrder.Zip(inOrder.Skip(1), (one, next) => one + next).DefaultIfEmpty().Max();

    /// <summary>Follows the schedule: what each pass keeps for a later one, and what that one lets go.</summary>
    private long Activations()
    {
        var (tape, chunks) = (default(Tape), _shape.Chunks);
        foreach (var action in _shape.Schedule.Ranks[_shape.PpRank])
        {
            var chunk = chunks[action.Chunk];
            switch (action.Kind)
            {
                case PipelineActionKind.Forward:
                    tape.Make(KeptBy(chunk));
                    break;
                case PipelineActionKind.Backward:
                    tape.Drop(KeptBy(chunk));
                    break;
                case PipelineActionKind.BackwardInput:
                    tape.Drop(KeptBy(chunk));
                    tape.Make(WorkOf(chunk));
                    break;
                default:
                    tape.Drop(WorkOf(chunk));
                    break;
            }
        }

        return tape.Peak;
    }

    /// <summary>Token ids, targets and positions of a microbatch.</summary>
    private long Batch => 3 * IndexBytes * _shape.CpRows;

    private long KeptBy(PipelineChunk chunk) => Batch + chunk.NumLayers * _layer.Kept + (chunk.IsLast ? _layer.Residual : 0);

    private long WorkOf(PipelineChunk chunk) => Batch + chunk.NumLayers * _layer.Work + (chunk.IsFirst ? _layer.Residual : 0);

    private long Temporaries()
    {
        var passes = new PassTape(_shape);
        var squares = 2L * IndexBytes * _groups.Count;
        return _shape.Chunks.Max(chunk => Math.Max(Math.Max(squares, passes.Forward(chunk)), _shape.SplitsBackward
            ? Math.Max(passes.Backward(chunk, isSplit: true), passes.BackwardWeight(chunk))
            : passes.Backward(chunk, isSplit: false)));
    }
}
