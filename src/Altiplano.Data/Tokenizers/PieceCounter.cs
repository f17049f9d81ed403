using System.Runtime.InteropServices;

namespace Altiplano.Data.Tokenizers;

/// <summary>How often each piece occurs in texts.</summary>
internal static class PieceCounter
{
    /// <returns>In no certain order; what is learnt from them does not depend on it.</returns>
    public static List<KeyValuePair<string, long>> Count(IEnumerable<string> texts, PieceScanner scanner, int threads)
    {
        var total = new Dictionary<string, long>();
        Parallel.ForEach(
            texts,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new Dictionary<string, long>(),
            (text, _, counts) =>
            {
                Add(text, scanner, counts);
                return counts;
            },
            counts =>
            {
                lock (total)
                    Add(counts, total);
            });
        return [.. total];
    }

    private static void Add(ReadOnlySpan<char> text, PieceScanner scanner, Dictionary<string, long> counts)
    {
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var start = 0; start < text.Length;)
        {
            var end = scanner.End(text, start);
            CollectionsMarshal.GetValueRefOrAddDefault(bySpan, text[start..end], out _)++;
            start = end;
        }
    }

    private static void Add(Dictionary<string, long> counts, Dictionary<string, long> total)
    {
        foreach (var (piece, count) in counts)
            CollectionsMarshal.GetValueRefOrAddDefault(total, piece, out _) += count;
    }
}
