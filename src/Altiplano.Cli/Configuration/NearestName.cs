namespace Altiplano.Cli.Configuration;

/// <summary>Finds the name that somebody most likely meant.</summary>
internal static class NearestName
{
    /// <summary>
    /// The candidate that begins with <paramref name="name"/>, else the one with the fewest edits from it, or null where none is
    /// near enough to be meant.
    /// </summary>
    /// <remarks>
    /// Near enough: two edits, or one for every three letters of a long name; a beginning has three letters. The first of equals wins.
    /// </remarks>
    public static string? Of(string name, IReadOnlyCollection<string> candidates)
    {
        if (name.Length >= 3 && candidates.FirstOrDefault(c => c.StartsWith(name, StringComparison.OrdinalIgnoreCase)) is { } longer)
            return longer;
        var nearest = candidates
            .Select(candidate => (candidate, edits: Edits(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .DefaultIfEmpty((candidate: "", edits: int.MaxValue))
            .MinBy(pair => pair.edits);
        return nearest.edits <= Math.Max(2, name.Length / 3) ? nearest.candidate : null;
    }

    /// <summary>" Did you mean X?" or, with nothing near, " Known KIND: A, B, C."</summary>
    public static string Hint(string name, string kind, IReadOnlyCollection<string> candidates) =>
        Of(name, candidates) is { } nearest ? $"Did you mean {nearest}?" : $"Known {kind}: {string.Join(", ", candidates)}.";

    /// <summary>Letters inserted, deleted or replaced on the way from one word to the other (Levenshtein's distance).</summary>
    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
