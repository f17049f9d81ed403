namespace Altiplano.Distributed.InProcess;

/// <summary>One collective of a group: the operation of every rank that has come.</summary>
internal sealed class Rendezvous(int ranks)
{
    private readonly Collective?[] _collectives = new Collective?[ranks];
    private int _arrived;

    public Completion Completion { get; } = new();

    /// <summary>Sets <see cref="Completion.IsMatched"/> when it is the last rank.</summary>
    public void Arrive(int rank, in Collective collective)
    {
        _collectives[rank] = collective;
        Completion.IsMatched = ++_arrived == _collectives.Length;
    }

    /// <summary>Ranks of the group that have not come.</summary>
    public IEnumerable<int> Absent() => Enumerable.Range(0, _collectives.Length).Where(rank => _collectives[rank] is null);

    /// <summary>The operations by rank, once all have come.</summary>
    public Collective[] Collectives() => Array.ConvertAll(_collectives, collective => collective!.Value);
}
