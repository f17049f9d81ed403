namespace Altiplano.Distributed;

/// <summary>An operation of a group could not be done.</summary>
public sealed class CollectiveException(string message, IReadOnlyList<int>? absent = null) : Exception(message)
{
    /// <summary>World ranks that did not take part before the deadline; empty for any other failure.</summary>
    public IReadOnlyList<int> Absent { get; } = absent ?? [];
}
