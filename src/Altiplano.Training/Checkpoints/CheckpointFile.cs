namespace Altiplano.Training.Checkpoints;

/// <summary>
/// One safetensors file about to be written: its bytes in order, whatever the size of the pieces that they are taken in.
/// </summary>
internal sealed class CheckpointFile
{
    public const string WeightsName = Safetensors.SingleFile;
    public const string OptimizerName = "optimizer-rank00000.safetensors";

    private readonly IReadOnlyList<WeightInfo> _tensors;
    private readonly TensorFill _fill;
    private readonly byte[] _header;
    private int _next = -1;
    private long _done;

    private CheckpointFile(string name, IReadOnlyList<WeightInfo> tensors, TensorFill fill)
    {
        Name = name;
        _tensors = SafetensorsHeader.InFileOrder(tensors);
        _fill = fill;
        _header = SafetensorsHeader.Build(_tensors);
    }

    public string Name { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Length => _header.Length + _tensors.Sum(t => t.NumBytes);

    public static IReadOnlyList<CheckpointFile> Of(CheckpointContent content) =>
    [
        new(WeightsName, content.Weights, content.Fill),
        new(OptimizerName, content.OptimizerState, content.Fill),
    ];

    /// <summary>Each tensor's record: one slice that is all of it.</summary>
    public IEnumerable<TensorRecord> Records() =>
        _tensors.Select(t => new TensorRecord(t.Name, t.Type, [.. t.Shape], [WholeSlice(t)]));

    /// <summary>Takes the next bytes of the file.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public int Take(Span<byte> piece)
    {
        var count = 0;
        while (count < piece.Length && _next < _tensors.Count)
        {
            var length = _next < 0 ? _header.Length : _tensors[_next].NumBytes;
            var part = piece.Slice(count, (int)Math.Min(piece.Length - count, length - _done));
            if (_next < 0)
                _header.AsSpan((int)_done, part.Length).CopyTo(part);
            else if (part.Length > 0)
                _fill(_tensors[_next].Name, _done, part);
            count += part.Length;
            _done += part.Length;
            if (_done == length)
                (_next, _done) = (_next + 1, 0);
        }

        return count;
    }

    private SliceRecord WholeSlice(WeightInfo tensor) =>
        new(Name, [.. tensor.Shape.Select(size => (IReadOnlyList<long>)[0, size])], [0, tensor.NumElements]);
}
