namespace Altiplano.Distributed;

/// <summary>A buffer as one part for each rank.</summary>
internal readonly struct Parts
{
    private readonly NativeBuffer _whole;
    private readonly int _ranks;
    private readonly long[]? _starts;

    private Parts(NativeBuffer whole, int ranks, long[]? starts)
    {
        (_whole, _ranks, _starts) = (whole, ranks, starts);
    }

    /// <summary>The part of a rank.</summary>
    public NativeBuffer this[int rank] => _ranks == 0 ? _whole : _whole.Slice(Start(rank), Start(rank + 1) - Start(rank));

    /// <summary>One after the other; equal where the ranks divide the elements, else differing by one.</summary>
    public static Parts Even(NativeBuffer whole, int ranks) => new(whole, ranks, null);

    /// <summary>One after the other with so many elements each; even ones when there are no counts.</summary>
    public static Parts Counted(NativeBuffer whole, long[]? counts, int ranks)
    {
        if (counts is null)
            return Even(whole, ranks);
        var starts = new long[ranks + 1];
        for (var rank = 0; rank < ranks; rank++)
            starts[rank + 1] = starts[rank] + counts[rank];
        return new Parts(whole, ranks, starts);
    }

    /// <summary>The whole for every rank.</summary>
    public static Parts Repeated(NativeBuffer whole) => new(whole, 0, null);

    /// <summary>What the part of a rank has of the <paramref name="count"/> elements from <paramref name="start"/> on.</summary>
    public NativeBuffer Piece(int rank, long start, long count)
    {
        var part = this[rank];
        return start >= part.Count ? part.Slice(part.Count, 0) : part.Slice(start, Math.Min(count, part.Count - start));
    }

    private long Start(int rank) => _starts is null ? (long)((Int128)_whole.Count * rank / _ranks) : _starts[rank];
}
