using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>The best layout of each of the best meshes seen, best first. Adding allocates nothing.</summary>
/// <remarks>
/// One a mesh (tp, cp, pp, ep), since the runners-up of a mesh differ from its best in what hardly matters; where the user gave
/// the mesh, all compete. The result does not depend on the order in which layouts are added.
/// </remarks>
internal sealed class TopCandidates(int capacity, bool isOneOfEachMesh)
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
        var place = Vacate(candidate);
        if (place < 0)
            return;
        for (; place > 0 && Candidate.Compare(candidate, _items[place - 1]) < 0; place--)
            _items[place] = _items[place - 1];
        _items[place] = candidate;
    }

    /// <summary>The place of the same mesh's candidate, or else a new one or the last; negative where the same mesh has a better one.</summary>
    private int Vacate(in Candidate candidate)
    {
        for (var i = 0; isOneOfEachMesh && i < Count; i++)
        {
            if (IsSameMesh(_items[i].Layout, candidate.Layout))
                return Candidate.Compare(candidate, _items[i]) < 0 ? i : -1;
        }

        return Count < capacity ? Count++ : capacity - 1;
    }

    private static bool IsSameMesh(in Layout a, in Layout b) => a.Tp == b.Tp && a.Cp == b.Cp && a.Pp == b.Pp && a.Ep == b.Ep;
}
