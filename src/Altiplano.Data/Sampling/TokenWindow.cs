using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Sampling;

/// <summary>Reads a run of tokens with the documents in it.</summary>
internal static class TokenWindow
{
    /// <param name="tokens">
    /// T + 1 tokens: inputs are the first T, targets the last T; what lies behind the end of the file is 0.
    /// </param>
    /// <param name="segmentStarts">
    /// Cleared, then the positions in [0, T) where a document begins or goes on from an earlier window: 0 first.
    /// </param>
    /// <returns>Number of targets that are in the file.</returns>
    public static int Read(TokenDataset dataset, long start, Span<int> tokens, List<int> segmentStarts)
    {
        var count = (int)Math.Min(tokens.Length, dataset.NumTokens - start);
        dataset.CopyTokens(start, tokens[..count]);
        tokens[count..].Clear();
        segmentStarts.Clear();
        segmentStarts.Add(0);
        var inputs = Math.Min(count, tokens.Length - 1);
        for (var document = dataset.DocumentOf(start) + 1; dataset.DocumentStart(document) < start + inputs; document++)
        {
            var position = (int)(dataset.DocumentStart(document) - start);
            if (position > segmentStarts[^1])
                segmentStarts.Add(position);
        }

        return count - 1;
    }
}
