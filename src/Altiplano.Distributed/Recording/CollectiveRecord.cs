namespace Altiplano.Distributed.Recording;

/// <summary>One operation that a rank started.</summary>
/// <param name="Axis">Where it ran.</param>
/// <param name="Members">World ranks of the group.</param>
/// <param name="Sequence">Its number on that communicator, from 0; collectives and messages between two ranks are counted apart.</param>
/// <param name="Bytes">Of the larger side, see <see cref="Collective.Bytes"/>.</param>
/// <param name="Destination">World rank of a broadcast's root or of the rank that is sent to; null for any other kind.</param>
/// <param name="Source">World rank that is received from; null for any other kind.</param>
public readonly record struct CollectiveRecord(
    string Axis, RankGroup Members, CollectiveKind Kind, ReduceOp Op, long Sequence, long Bytes, int? Destination, int? Source)
{
    /// <summary>Size of the group.</summary>
    public int Ranks => Members.Count;

    /// <summary>Bytes to and from each rank of an all-to-all; null for any other kind.</summary>
    public ExchangeBytes? Exchange { get; init; }
}
