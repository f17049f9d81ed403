using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Sampling;

/// <summary>A whole file in order, for validation: each token but the first is a target exactly once.</summary>
public sealed class SequentialWindows(TokenDataset dataset, int seqLen)
{
    /// <summary>T: inputs, and targets, of a window.</summary>
    public int SeqLen => seqLen;

    /// <summary>Number of windows; the last may have fewer targets than T.</summary>
    public long Count => (dataset.NumTokens - 1 + seqLen - 1) / seqLen;

    /// <summary>Reads a window.</summary>
    /// <param name="tokens">
    /// T + 1 tokens: inputs are the first T, targets the last T; what lies behind the end of the file is 0.
    /// </param>
    /// <param name="segmentStarts">
    /// Cleared, then the positions in [0, T) where a document begins, or goes on from before the window: 0 first.
    /// </param>
    /// <exception cref="DataFormatException">A token is outside the vocabulary that the data set's metadata gives.</exception>
    public Sample GetWindow(long window, Span<int> tokens, List<int> segmentStarts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(window, Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, seqLen + 1);
        var start = window * seqLen;
        return new Sample(0, 0, window, start, TokenWindow.Read(dataset, start, tokens, segmentStarts));
    }
}
