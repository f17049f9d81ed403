namespace Altiplano.Data.Tokenizers;

/// <summary>Learns a byte-level BPE from text, with Llama 3's split pattern and layout.</summary>
public static class BpeTrainer
{
    // A merge that occurs once saves one token once and costs a word of the vocabulary.
    private const int MinPairCount = 2;

    /// <summary>256 bytes and the default special tokens.</summary>
    public const int LeastVocabSize = 258;

    /// <summary>What every tokenizer of ours begins and ends a text with.</summary>
    public static IReadOnlyList<string> DefaultSpecials { get; } = ["<|begin_of_text|>", "<|end_of_text|>"];

    /// <summary>Learns merges until the vocabulary has its size.</summary>
    /// <param name="texts">Documents; enumerated once, held only as counts of their pieces.</param>
    /// <param name="vocabSize">256 bytes, merges and special tokens, in this order of ids.</param>
    /// <param name="threads">Threads that split and count; the result does not depend on it.</param>
    /// <param name="specials">Special tokens, the last ids; begin and end of text when null.</param>
    /// <param name="orSmaller">Stops where no pair occurs twice any more, instead of refusing the text.</param>
    /// <returns>The tokenizer, which begins and ends texts with the default specials where it has them.</returns>
    /// <remarks>Each step merges the pair of neighbouring tokens that occurs most often, overlaps counted; of equals the one
    /// whose left id, then whose right id is lowest (the algorithm of Sennrich et al. 2016, https://aclanthology.org/P16-1162,
    /// which has no rule for ties). No two merges make the same bytes: wherever these stand between token boundaries they are
    /// cut alike, so the first merge takes all.</remarks>
    /// <exception cref="DataFormatException">
    /// Too few pairs occur twice, or the size has no room for bytes and specials.
    /// </exception>
    public static Tokenizer Train(
        IEnumerable<string> texts, int vocabSize, int threads, IReadOnlyList<string>? specials = null, bool orSmaller = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        specials ??= DefaultSpecials;
        if (vocabSize < 256 + specials.Count)
        {
            throw new DataFormatException(
                $"a vocabulary of {vocabSize:N0} tokens has no room for 256 bytes and {specials.Count} special tokens;"
                + $" use {256 + specials.Count} or more.");
        }
        var scanner = new Llama3Scanner();
        var tokens = ByteUnicode.Order.Select(value => new[] { value }).ToList();
        var merges = Learn(PieceCounter.Count(texts, scanner, threads), tokens, vocabSize - specials.Count, orSmaller);
        var added = specials.Select((text, index) => new AddedToken(tokens.Count + index, text)).ToList();
        tokens.AddRange(specials.Select(_ => Array.Empty<byte>()));
        return new Tokenizer(new TokenizerParts(
            tokens, merges, scanner, IgnoreMerges: true, added,
            IdOf(added, DefaultSpecials[0]), IdOf(added, DefaultSpecials[1]), "the trained tokenizer"));
    }

    private static List<Merge> Learn(
        IReadOnlyList<KeyValuePair<string, long>> pieces, List<byte[]> tokens, int count, bool orSmaller)
    {
        var byteIds = new int[256];
        for (var id = 0; id < 256; id++)
            byteIds[tokens[id][0]] = id;
        var learner = MergeLearner.Create(pieces, byteIds);
        var merges = new List<Merge>();
        while (tokens.Count < count)
        {
            if (!learner.TryMerge(MinPairCount, tokens.Count, out var merge))
            {
                if (orSmaller)
                    break;
                throw new DataFormatException(
                    $"the text has pairs that occur at least {MinPairCount} times for {tokens.Count - 256:N0} merges,"
                    + $" and a vocabulary of this size needs {count - 256:N0}. Use more text or a vocabulary that is smaller by "
                    + $"{count - tokens.Count:N0}.");
            }
            merges.Add(merge);
            tokens.Add([.. tokens[merge.Left], .. tokens[merge.Right]]);
        }
        return merges;
    }

    private static int? IdOf(List<AddedToken> added, string text) =>
        added.Where(token => token.Text == text).Select(token => (int?)token.Id).FirstOrDefault();
}
