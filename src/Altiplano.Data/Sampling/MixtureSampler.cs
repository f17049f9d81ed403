using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Sampling;

/// <summary>
/// The training samples of a run: sample number to window of tokens, as a pure function of the number, the seed and the data.
/// </summary>
/// <remarks>
/// Windows of T tokens, with the one that follows as the last target, lie end to end in each data set; what is left at its end is
/// not trained on. Each window is seen once an epoch. Does not own the data sets. Safe for several threads.
/// </remarks>
public sealed class MixtureSampler
{
    private const uint MixtureStream = uint.MaxValue;

    private readonly IReadOnlyList<TokenDataset> _datasets;
    private readonly MixturePeriod _period;
    private readonly long[] _numWindows;
    private readonly ulong _seed;
    private readonly bool _shuffle;

    /// <param name="datasets">With weights, which are shares of the samples.</param>
    /// <param name="seqLen">T.</param>
    /// <param name="shuffle">False keeps the order of the files, evenly interleaved.</param>
    /// <exception cref="DataFormatException">A data set has no whole window, or a weight has no share.</exception>
    public MixtureSampler(IReadOnlyList<(TokenDataset Dataset, double Weight)> datasets, int seqLen, ulong seed, bool shuffle)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seqLen, 1);
        _datasets = [.. datasets.Select(entry => entry.Dataset)];
        _period = MixturePeriod.Of([.. datasets.Select(entry => entry.Weight)]);
        _numWindows = [.. _datasets.Select(dataset => CountWindows(dataset, seqLen))];
        (SeqLen, _seed, _shuffle) = (seqLen, seed, shuffle);
    }

    /// <summary>T: inputs, and targets, of a sample.</summary>
    public int SeqLen { get; }

    /// <summary>Windows of each data set, which is the length of its epoch in samples.</summary>
    public IReadOnlyList<long> NumWindows => _numWindows;

    /// <summary>Which window a sample is.</summary>
    /// <param name="number">From 0, over the whole run.</param>
    public Sample Locate(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var (period, place) = Math.DivRem(number, MixturePeriod.NumSlots);
        var slot = _shuffle ? Permute(place, MixturePeriod.NumSlots, MixtureStream, period) : place;
        var (dataset, offset) = _period[(int)slot];
        var index = (period * _period.Counts[dataset]) + offset;
        var (epoch, indexInEpoch) = Math.DivRem(index, _numWindows[dataset]);
        var window = _shuffle ? Permute(indexInEpoch, _numWindows[dataset], (uint)dataset, epoch) : indexInEpoch;
        return new Sample(dataset, epoch, window, window * SeqLen, SeqLen);
    }

    /// <summary>Reads a sample.</summary>
    /// <param name="tokens">T + 1 tokens: inputs are the first T, targets the last T.</param>
    /// <param name="segmentStarts">
    /// Cleared, then the positions in [0, T) where a document begins, or goes on from before the window: 0 first.
    /// </param>
    /// <exception cref="DataFormatException">A token is outside the vocabulary that the data set's metadata gives.</exception>
    public Sample GetSample(long number, Span<int> tokens, List<int> segmentStarts)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, SeqLen + 1);
        var sample = Locate(number);
        TokenWindow.Read(_datasets[sample.Dataset], sample.Start, tokens, segmentStarts);
        return sample;
    }

    private long Permute(long place, long count, uint stream, long epoch) =>
        new KeyedPermutation(count, _seed, stream, checked((uint)epoch))[place];

    private static long CountWindows(TokenDataset dataset, int seqLen)
    {
        var windows = (dataset.NumTokens - 1) / seqLen;
        return windows > 0
            ? windows
            : throw new DataFormatException(
                $"{dataset.Path} has {dataset.NumTokens:N0} tokens; one sample of seq_len {seqLen:N0} takes {seqLen + 1L:N0}. " +
                "Lower batch.seq_len or add data.");
    }
}
