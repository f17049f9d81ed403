namespace Altiplano.Distributed.Recording;

/// <summary>What one rank of an all-to-all states for each rank of the group, in their order.</summary>
/// <param name="Sent">Bytes to each.</param>
/// <param name="Received">Bytes from each: what that rank must state for this one.</param>
public sealed record ExchangeBytes(IReadOnlyList<long> Sent, IReadOnlyList<long> Received)
{
    /// <returns>Null for any other operation.</returns>
    public static ExchangeBytes? Of(in Collective collective, int ranks)
    {
        if (collective.Kind != CollectiveKind.AllToAll)
            return null;
        return new ExchangeBytes(
            BytesOf(collective.SendCounts, collective.Input, ranks), BytesOf(collective.ReceiveCounts, collective.Output, ranks));
    }

    /// <summary>By value.</summary>
    public bool Equals(ExchangeBytes? other) => other is not null && Sent.SequenceEqual(other.Sent) && Received.SequenceEqual(other.Received);

    public override int GetHashCode() => HashCode.Combine(Sent.Sum(), Received.Sum());

    private static long[] BytesOf(long[]? counts, NativeBuffer buffer, int ranks) => counts is null
        ? [.. Enumerable.Repeat(buffer.Bytes / ranks, ranks)]
        : [.. counts.Select(count => count * buffer.Type.Size())];
}
