using System.Globalization;

namespace Altiplano.Distributed;

/// <summary>Some ranks in an order. Evenly spaced ones, as every mesh axis has, take no memory per rank.</summary>
public sealed class RankGroup : IEquatable<RankGroup>
{
    private const int MaxNamed = 16;

    private readonly int _first;
    private readonly int _stride;
    private readonly int[]? _listed;

    private RankGroup(int first, int count, int stride, int[]? listed)
    {
        (_first, Count, _stride, _listed) = (first, count, stride, listed);
    }

    public int Count { get; }

    /// <summary>True for evenly spaced ranks.</summary>
    internal bool IsStrided => _listed is null;

    /// <summary>The rank at a place.</summary>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _listed is null ? _first + (index * _stride) : _listed[index];
        }
    }

    /// <summary>0, 1, ... <paramref name="count"/> - 1.</summary>
    public static RankGroup All(int count) => Strided(0, count, 1);

    /// <summary><paramref name="first"/>, <paramref name="first"/> + <paramref name="stride"/>, ...</summary>
    public static RankGroup Strided(int first, int count, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        _ = checked(first + ((count - 1) * stride));
        return new RankGroup(first, count, stride, null);
    }

    /// <summary>The listed ranks, each once.</summary>
    public static RankGroup Of(params ReadOnlySpan<int> ranks)
    {
        if (ranks.IsEmpty || ranks.ContainsAnyInRange(int.MinValue, -1))
            throw new ArgumentException("A group is of one rank or more, none below 0.", nameof(ranks));
        var listed = ranks.ToArray();
        if (listed.Distinct().Count() != listed.Length)
            throw new ArgumentException($"A rank is named twice in {string.Join(", ", listed)}.", nameof(ranks));
        return new RankGroup(0, listed.Length, 0, listed);
    }

    /// <summary>The place of a rank; -1 when it is not in the group.</summary>
    public int IndexOf(int rank)
    {
        if (_listed is not null)
            return Array.IndexOf(_listed, rank);
        var offset = rank - _first;
        return offset >= 0 && offset % _stride == 0 && offset / _stride < Count ? offset / _stride : -1;
    }

    /// <summary>The ranks at the places that <paramref name="places"/> lists.</summary>
    public RankGroup Select(RankGroup places)
    {
        if (_listed is null && places._listed is null)
            return Strided(this[places._first], places.Count, checked(_stride * places._stride));
        return Of([.. Enumerable.Range(0, places.Count).Select(i => this[places[i]])]);
    }

    /// <summary>The same ranks in the same order.</summary>
    public bool Equals(RankGroup? other)
    {
        if (other is null || Count != other.Count || this[0] != other[0] || this[Count - 1] != other[Count - 1])
            return false;
        return (IsStrided && other.IsStrided) || Enumerable.Range(0, Count).All(i => this[i] == other[i]);
    }

    public override bool Equals(object? obj) => Equals(obj as RankGroup);

    public override int GetHashCode() => HashCode.Combine(Count, this[0], this[Count - 1]);

    /// <summary>"rank 3" or "ranks 3, 7"; of many, the first sixteen and how many more.</summary>
    public override string ToString()
    {
        var named = string.Join(", ", Enumerable.Range(0, Math.Min(Count, MaxNamed)).Select(i => this[i]));
        var more = Count > MaxNamed ? string.Create(CultureInfo.InvariantCulture, $" and {Count - MaxNamed:N0} more") : "";
        return $"{(Count == 1 ? "rank" : "ranks")} {named}{more}";
    }
}
