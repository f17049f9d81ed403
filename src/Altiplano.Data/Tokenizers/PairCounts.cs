namespace Altiplano.Data.Tokenizers;

/// <summary>Two neighbouring ids in a piece; overlapping ones count too ("aaa" has two).</summary>
internal readonly record struct Pair(int Left, int Right);

/// <summary>How often every pair occurs and in which pieces, and the most frequent of them.</summary>
/// <remarks>A pair is queued once it has all its pieces. Its count can only fall then: one that is too high when it comes up is
/// queued anew.</remarks>
internal sealed class PairCounts
{
    private readonly Dictionary<Pair, Occurrences> _pairs = [];
    private readonly PriorityQueue<Pair, (long Count, Pair Pair)> _queue = new(MostFrequentFirst.Instance);

    /// <summary>Changes a count by the occurrences of one piece.</summary>
    public void Add(Pair pair, long count, int piece)
    {
        if (!_pairs.TryGetValue(pair, out var occurrences))
            _pairs.Add(pair, occurrences = new Occurrences());
        occurrences.Count += count;
        if (count > 0 && (occurrences.Pieces.Count == 0 || occurrences.Pieces[^1] != piece))
            occurrences.Pieces.Add(piece);
    }

    /// <summary>Drops a pair that no piece has any more.</summary>
    public void Remove(Pair pair) => _pairs.Remove(pair);

    public void Enqueue(Pair pair) => _queue.Enqueue(pair, (_pairs[pair].Count, pair));

    public void EnqueueAll()
    {
        foreach (var pair in _pairs.Keys)
            Enqueue(pair);
    }

    /// <summary>The pair of highest count, of these the one of the lowest left, then right id.</summary>
    /// <param name="pieces">Indices of all pieces that have the pair, and of some that had it; some of them twice.</param>
    /// <returns>False when no pair occurs <paramref name="minCount"/> times.</returns>
    public bool TryFindMost(long minCount, out Pair pair, out List<int> pieces)
    {
        while (_queue.TryDequeue(out pair, out var queued) && queued.Count >= minCount)
        {
            var occurrences = _pairs[pair];
            if (occurrences.Count == queued.Count)
            {
                pieces = occurrences.Pieces;
                return true;
            }
            Enqueue(pair);
        }
        pieces = [];
        return false;
    }

    private sealed class Occurrences
    {
        public long Count { get; set; }

        public List<int> Pieces { get; } = [];
    }

    private sealed class MostFrequentFirst : IComparer<(long Count, Pair Pair)>
    {
        public static readonly MostFrequentFirst Instance = new();

        public int Compare((long Count, Pair Pair) x, (long Count, Pair Pair) y)
        {
            var byCount = y.Count.CompareTo(x.Count);
            if (byCount != 0)
                return byCount;
            var byLeft = x.Pair.Left.CompareTo(y.Pair.Left);
            return byLeft != 0 ? byLeft : x.Pair.Right.CompareTo(y.Pair.Right);
        }
    }
}
