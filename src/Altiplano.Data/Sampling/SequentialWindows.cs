using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Sampling;

/// <summary>A whole file in order, for validation: each token but the first is a target exactly once.</summary>
/// <remarks>
/// Windows overlap by half, and only the half that is new counts: each target is told from at least T / 2 tokens before it, where the
/// file has them.
/// </remarks>
public sealed class SequentialWindows(TokenDataset dataset, int seqLen)
{
    private readonly int _overlap = seqLen / 2;

    /// <summary>T: inputs, and targets, of a window.</summary>
    public int SeqLen => seqLen;

    /// <summary>Targets that a window adds to those before it; the first has <see cref="SeqLen"/>.</summary>
    public int Stride => seqLen - _overlap;

    /// <summary>Number of windows; the last may have fewer targets.</summary>
    public long Count => 1 + Math.Max(0, dataset.NumTokens - 1 - seqLen + Stride - 1) / Stride;

    /// <summary>Position of a window's first target that counts: those before it were targets of the window before.</summary>
    public int FirstTarget(long window) => window == 0 ? 0 : _overlap;

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
        var start = window * Stride;
        return new Sample(0, 0, window, start, TokenWindow.Read(dataset, start, tokens, segmentStarts));
    }
}
