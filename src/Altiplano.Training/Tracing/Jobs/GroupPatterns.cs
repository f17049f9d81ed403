using Altiplano.Distributed;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>A group of ranks, and all others on its axis whose members are of the same classes in the same order.</summary>
/// <param name="Members">The first such group.</param>
/// <param name="Classes">Of its members.</param>
/// <param name="Count">Groups like it, itself included.</param>
public sealed record GroupPattern(string Axis, RankGroup Members, int[] Classes, int Count);

/// <summary>The few different groups that the many groups of a job are copies of.</summary>
public static class GroupPatterns
{
    /// <param name="axes">Those on which something is done.</param>
    public static IReadOnlyList<GroupPattern> Of(JobGroups groups, RankClasses classes, IEnumerable<string> axes)
    {
        var patterns = new List<GroupPattern>();
        foreach (var axis in axes)
        {
            var found = new Dictionary<int[], (RankGroup First, int Count)>(SameClasses.Instance);
            foreach (var group in groups.ByAxis[axis])
            {
                var tuple = new int[group.Count];
                for (var i = 0; i < tuple.Length; i++)
                    tuple[i] = classes.Of(group[i]);
                found[tuple] = found.TryGetValue(tuple, out var known) ? (known.First, known.Count + 1) : (group, 1);
            }

            patterns.AddRange(found.Select(pair => new GroupPattern(axis, pair.Value.First, pair.Key, pair.Value.Count)));
        }

        return patterns;
    }

    private sealed class SameClasses : IEqualityComparer<int[]>
    {
        public static readonly SameClasses Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] classes)
        {
            var hash = default(HashCode);
            foreach (var index in classes)
                hash.Add(index);
            return hash.ToHashCode();
        }
    }
}
