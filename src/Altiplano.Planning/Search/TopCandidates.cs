namespace Altiplano.Planning.Search;

/// <summary>The best candidates seen, best first. Adding allocates nothing.</summary>
internal sealed class TopCandidates(int capacity)
{
    private readonly Candidate[] _items = new Candidate[capacity];

    public int Count { get; private set; }

    /// <summary>A candidate with a higher score is not among the best; infinite while there is room.</summary>
    public double Threshold => Count < capacity ? double.PositiveInfinity : _items[Count - 1].Score;

    public ReadOnlySpan<Candidate> Items => _items.AsSpan(0, Count);

    public void Add(in Candidate candidate)
    {
        if (Count == capacity && Candidate.Compare(candidate, _items[Count - 1]) >= 0)
            return;
        if (Count < capacity)
            Count++;
        var place = Count - 1;
        for (; place > 0 && Candidate.Compare(candidate, _items[place - 1]) < 0; place--)
            _items[place] = _items[place - 1];
        _items[place] = candidate;
    }
}
