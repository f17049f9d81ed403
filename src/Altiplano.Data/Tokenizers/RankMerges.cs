namespace Altiplano.Data.Tokenizers;

/// <summary>The merges that a vocabulary of ranks implies.</summary>
internal static class RankMerges
{
    /// <summary>Every split of every token into two tokens, by the token's id, then by the left's and the right's.</summary>
    public static IReadOnlyList<Merge> Of(Vocabulary vocabulary)
    {
        var merges = new List<Merge>(3 * vocabulary.Count);
        var splits = new List<Merge>();
        for (var id = 0; id < vocabulary.Count; id++)
        {
            var token = vocabulary[id];
            splits.Clear();
            for (var cut = 1; cut < token.Length; cut++)
            {
                var left = vocabulary.Find(token[..cut]);
                var right = left < 0 ? -1 : vocabulary.Find(token[cut..]);
                if (right >= 0)
                    splits.Add(new Merge(left, right, id));
            }
            splits.Sort((a, b) => (a.Left, a.Right).CompareTo((b.Left, b.Right)));
            merges.AddRange(splits);
        }
        return merges;
    }
}
