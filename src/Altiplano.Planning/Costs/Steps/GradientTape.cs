using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>Buffers of microbatches' gradients (ZeRO 2 and 3): one opens for each block, and is let go when the next block's sum has begun.</summary>
internal sealed class GradientTape(StepShape shape)
{
    private readonly Dictionary<(BlockKind, int), int> _sums = [];
    private readonly HashSet<(BlockKind, int)> _open = [];
    private (BlockKind Block, int Index)? _inFlight;
    private long _inFlightBytes;
    private Tape _tape;

    /// <summary>The most bytes at once over a step.</summary>
    public long Peak()
    {
        var chunks = shape.Chunks;
        foreach (var action in shape.Schedule.Ranks[shape.PpRank])
            Run(action, chunks[action.Chunk]);
        return _tape.Peak;
    }

    private void Run(PipelineAction action, PipelineChunk chunk)
    {
        if (action.Kind == PipelineActionKind.Forward)
            return;
        if (action.Kind != PipelineActionKind.BackwardWeight && chunk.IsLast)
        {
            // A tied embedding on the same rank opens with the head; its sum begins where the tokens' gradient is added.
            var isShared = shape.Model.TieWordEmbeddings && chunk.IsFirst;
            if (isShared)
                Open(BlockKind.Embedding, 0, Bytes([FlatGroups.Embedding(shape)]));
            Sum(BlockKind.Head, 0, isShared ? [FlatGroups.OfHead(shape)[0]] : FlatGroups.OfHead(shape));
        }

        if (action.Kind == PipelineActionKind.BackwardInput)
            return;
        for (var layer = chunk.NumLayers - 1; layer >= 0; layer--)
            Sum(BlockKind.Layer, chunk.FirstLayer + layer, FlatGroups.OfLayer(shape));
        if (chunk.IsFirst)
            Sum(BlockKind.Embedding, 0, [FlatGroups.Embedding(shape)]);
    }

    private void Open(BlockKind block, int index, long bytes)
    {
        if (_open.Add((block, index)))
            _tape.Make(bytes);
    }

    /// <summary>A block's gradients are written and their sum begins, into a term of its own where there is a sum already.</summary>
    private void Sum(BlockKind block, int index, IReadOnlyList<FlatGroup> groups)
    {
        Open(block, index, Bytes(groups));
        if (_inFlight == (block, index))
            Land();
        var sums = _sums.GetValueOrDefault((block, index));
        _sums[(block, index)] = sums + 1;
        var term = sums == 0 ? 0 : groups.Sum(group => group.PartLength(shape.NumParts)) * shape.WideWidth;
        _tape.Make(term);
        Land();
        _open.Remove((block, index));
        (_inFlight, _inFlightBytes) = ((block, index), Bytes(groups) + term);
    }

    private void Land()
    {
        _tape.Drop(_inFlightBytes);
        (_inFlight, _inFlightBytes) = (null, 0);
    }

    private long Bytes(IReadOnlyList<FlatGroup> groups) => groups.Sum(group => group.PaddedLength(shape.NumParts)) * shape.WideWidth;
}
