using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>What ranks do together.</summary>
public enum TrafficKind
{
    AllReduce,
    ReduceScatter,
    AllGather,
    AllToAll,
    Send,
    Receive,

    /// <summary>A send to the next rank and a receive from the one before: a step round a ring.</summary>
    SendReceive,
}

/// <summary>All operations of a kind on an axis in one step of one rank.</summary>
/// <param name="Bytes">Of the larger side, summed: n shards of an all-gather or reduce-scatter, the buffer of anything else.</param>
public readonly record struct TrafficLine(string Axis, TrafficKind Kind, long Count, long Bytes);

/// <summary>Closed form of the operations among ranks in one step of the trainer.</summary>
/// <remarks>What is communicated where: docs/decisions/parallelism.md. A trace of the same step has the same counts and bytes, exactly.</remarks>
public sealed class StepTraffic
{
    private const long ValueBytes = 8;

    private readonly StepShape _shape;
    private readonly SortedDictionary<(string Axis, TrafficKind Kind), (long Count, long Bytes)> _lines = [];

    private StepTraffic(StepShape shape) => _shape = shape;

    /// <summary>In the order of axes and kinds; axes of one rank have none.</summary>
    public static IReadOnlyList<TrafficLine> Of(StepShape shape)
    {
        var traffic = new StepTraffic(shape);
        foreach (var chunk in shape.Chunks)
            traffic.AddChunk(chunk);
        traffic.AddGradients();
        traffic.AddTotals();
        return [.. traffic._lines.Select(line => new TrafficLine(line.Key.Axis, line.Key.Kind, line.Value.Count, line.Value.Bytes))];
    }

    private void AddChunk(PipelineChunk chunk)
    {
        var passes = (long)_shape.MicroBatches;
        AddMessages(chunk, passes);
        AddWeightGathers(chunk, passes);
        AddLayers(passes * chunk.NumLayers);
        var residual = _shape.CpRows * _shape.D * _shape.Width;
        if (chunk.IsFirst)
        {
            AddRowSums(passes, residual);
            AddRowGathers(passes, residual);
        }

        if (!chunk.IsLast)
            return;
        AddRowGathers(passes, residual);
        AddRowSums(passes, residual);
        // Each piece of rows agrees on its maxima, then on sums and targets' logits: one value a row, then two.
        var pieces = (_shape.CpRows + _shape.HeadChunkRows - 1) / _shape.HeadChunkRows;
        Add("tp", _shape.Tp, TrafficKind.AllReduce, 2 * pieces * passes, 3 * ValueBytes * _shape.CpRows * passes);
    }

    /// <summary>Activations up, gradients down, each on a communicator of its own.</summary>
    private void AddMessages(PipelineChunk chunk, long passes)
    {
        var bytes = _shape.TpRows * _shape.D * _shape.Width;
        if (!chunk.IsFirst)
        {
            Add("pp", _shape.Layout.Pp, TrafficKind.Receive, passes, passes * bytes);
            Add("pp_backward", _shape.Layout.Pp, TrafficKind.Send, passes, passes * bytes);
        }

        if (!chunk.IsLast)
        {
            Add("pp", _shape.Layout.Pp, TrafficKind.Send, passes, passes * bytes);
            Add("pp_backward", _shape.Layout.Pp, TrafficKind.Receive, passes, passes * bytes);
        }
    }

    /// <summary>ZeRO 3: a block's weights travel before each use: forward, backward, and the weight half where that is apart.</summary>
    private void AddWeightGathers(PipelineChunk chunk, long passes)
    {
        if (_shape.KeepsWeights)
            return;
        foreach (var group in FlatGroups.OfLayer(_shape))
            AddFsdp(TrafficKind.AllGather, passes * chunk.NumLayers * (_shape.SplitsBackward ? 3 : 2), group, _shape.Width);
        if (chunk.IsFirst)
            AddFsdp(TrafficKind.AllGather, passes, FlatGroups.Embedding(_shape), _shape.Width);
        foreach (var group in chunk.IsLast ? FlatGroups.OfHead(_shape) : [])
            AddFsdp(TrafficKind.AllGather, passes, group, _shape.Width);
    }

    /// <summary>Of each layer: forward, again where all of it is recomputed, and both halves of backward.</summary>
    private void AddLayers(long passes)
    {
        var forwards = passes * (_shape.Layout.Recompute == Recompute.Full ? 2 : 1);
        var residual = _shape.CpRows * _shape.D * _shape.Width;
        AddRowGathers(2 * forwards + 4 * passes, residual);
        AddRowSums(2 * forwards + 2 * passes, residual);
        var (cp, keysValues) = (_shape.Layout.Cp, _shape.Rows * _shape.KeyValueWidth * _shape.Width);
        if (_shape.HasRing)
        {
            // Keys and values in both passes; their gradients once more, home.
            var hops = (cp - 1) * forwards + (2 * cp - 1) * passes;
            Add("cp", cp, TrafficKind.SendReceive, hops, hops * (keysValues / cp));
            return;
        }

        Add("cp", _shape.Layout.Cp, TrafficKind.AllGather, forwards, forwards * keysValues);
        Add("cp", _shape.Layout.Cp, TrafficKind.ReduceScatter, passes, passes * keysValues);
    }

    private void AddGradients()
    {
        foreach (var group in FlatGroups.OfRank(_shape))
        {
            var part = group.PartLength(_shape.NumParts) * _shape.WideWidth;
            if (_shape.NumParts == 1)
                Add(_shape.FsdpAxis, _shape.FsdpDegree, TrafficKind.AllReduce, 1, part);
            else
                AddFsdp(TrafficKind.ReduceScatter, _shape.KeepsGradients ? 1 : _shape.MicroBatches, group, _shape.WideWidth);
            Add("dp_replicate", _shape.Layout.DpReplicate, TrafficKind.AllReduce, 1, part);
            if (group.IsNorm && _shape.RowParts > 1)
                AddTp(TrafficKind.AllReduce, 1, part);
            if (group.Block == BlockKind.Embedding && _shape.Model.TieWordEmbeddings)
                Add("pp_ends", _shape.Layout.Pp, TrafficKind.AllReduce, 1, part);
            if (_shape is { KeepsWeights: true, NumParts: > 1 })
                AddFsdp(TrafficKind.AllGather, 1, group, _shape.Width);
        }
    }

    /// <summary>
    /// Valid tokens and squared lengths before the first microbatch; after the last the loss, which two notices travel with, and the norm.
    /// </summary>
    private void AddTotals()
    {
        const int Read = 2, Notices = 2, Loss = 1 + Notices, Norm = 1;
        var layout = _shape.Layout;
        Add("dp_shard", layout.DpShard, TrafficKind.AllReduce, 2, (Read + Loss) * ValueBytes);
        Add("dp_replicate", layout.DpReplicate, TrafficKind.AllReduce, 2, (Read + Loss) * ValueBytes);
        Add("cp", layout.Cp, TrafficKind.AllReduce, 1, Loss * ValueBytes);
        Add("pp", layout.Pp, TrafficKind.AllReduce, 2, (Loss + Norm) * ValueBytes);
        var squares = FlatGroups.OfRank(_shape).Count * ValueBytes;
        if (_shape.NumParts > 1)
            Add(_shape.FsdpAxis, _shape.FsdpDegree, TrafficKind.AllReduce, 1, squares);
        AddTp(TrafficKind.AllReduce, 1, squares + Notices * ValueBytes);
    }

    /// <summary>Rows of all tp ranks before a product.</summary>
    private void AddRowGathers(long count, long bytesEach)
    {
        if (_shape.RowParts > 1)
            AddTp(TrafficKind.AllGather, count, bytesEach);
    }

    /// <summary>Sums behind a product, of which each tp rank gets its rows or all.</summary>
    private void AddRowSums(long count, long bytesEach) =>
        AddTp(_shape.RowParts > 1 ? TrafficKind.ReduceScatter : TrafficKind.AllReduce, count, bytesEach);

    private void AddTp(TrafficKind kind, long count, long bytesEach) => Add("tp", _shape.Tp, kind, count, count * bytesEach);

    private void AddFsdp(TrafficKind kind, long count, in FlatGroup group, long width) =>
        Add(_shape.FsdpAxis, _shape.FsdpDegree, kind, count, count * group.PaddedLength(_shape.NumParts) * width);

    private void Add(string axis, int degree, TrafficKind kind, long count, long bytes)
    {
        if (degree == 1 || count == 0)
            return;
        var sum = _lines.GetValueOrDefault((axis, kind));
        _lines[(axis, kind)] = (sum.Count + count, sum.Bytes + bytes);
    }
}
