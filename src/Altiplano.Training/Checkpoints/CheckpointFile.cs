using System.Globalization;

namespace Altiplano.Training.Checkpoints;

/// <summary>
/// One safetensors file about to be written: its bytes in order, whatever the size of the pieces that they are taken in.
/// </summary>
internal sealed class CheckpointFile
{
    private const string OptimizerPrefix = "optimizer-rank";

    private readonly IReadOnlyList<TensorSlice> _tensors;
    private readonly TensorFill _fill;
    private readonly byte[] _header;
    private int _next = -1;
    private long _done;

    private CheckpointFile(string name, IReadOnlyList<TensorSlice> tensors, TensorFill fill)
    {
        Name = name;
        _tensors = SafetensorsHeader.InFileOrder(tensors, slice => slice.Whole.Type);
        _fill = fill;
        _header = SafetensorsHeader.Build([.. _tensors.Select(slice => slice.Stored)]);
    }

    public string Name { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Length => _header.Length + _tensors.Sum(t => t.NumBytes);

    /// <summary>The files of one rank: its weights and its optimizer state. A rank among others writes none that would be empty.</summary>
    public static IReadOnlyList<CheckpointFile> Of(CheckpointContent content, CheckpointTeam team)
    {
        var (isAlone, rank) = (team.Ranks == 1, team.Rank.ToString("D5", CultureInfo.InvariantCulture));
        CheckpointFile[] files =
        [
            new(isAlone ? Safetensors.SingleFile : $"model-rank{rank}.safetensors", content.Weights, content.Fill),
            new($"{OptimizerPrefix}{rank}.safetensors", content.OptimizerState, content.Fill),
        ];
        return isAlone ? files : [.. files.Where(file => file._tensors.Count > 0)];
    }

    /// <summary>True for a file of optimizer state, false for one of weights.</summary>
    public static bool IsOptimizerState(string name) => name.StartsWith(OptimizerPrefix, StringComparison.Ordinal);

    /// <summary>Each tensor's record, with the one slice that lies here.</summary>
    public IEnumerable<TensorRecord> Records() =>
        _tensors.Select(slice => new TensorRecord(slice.Whole.Name, slice.Whole.Type, [.. slice.Whole.Shape], [SliceRecord.Of(Name, slice)]));

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
                _fill(_tensors[_next].Whole.Name, _done, part);
            count += part.Length;
            _done += part.Length;
            if (_done == length)
                (_next, _done) = (_next + 1, 0);
        }

        return count;
    }
}
