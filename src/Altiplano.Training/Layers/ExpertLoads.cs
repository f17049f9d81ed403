namespace Altiplano.Training.Layers;

/// <summary>How many rows a rank's experts get, by where they come from.</summary>
/// <param name="counts">[tp, ep, E_ep]: from rank q of ep, by way of rank t of tp, for each of the experts.</param>
internal sealed class ExpertLoads(long[] counts, int tp, int ep)
{
    private int NumExperts => counts.Length / (tp * ep);

    /// <summary>Rows for each expert, from everywhere.</summary>
    public long[] OfExperts => [.. Enumerable.Range(0, NumExperts).Select(expert => Sum(i => i % NumExperts == expert))];

    /// <summary>The most rows that a rank of tp receives.</summary>
    public long MaxReceived => Enumerable.Range(0, tp).Max(rank => ReceivedBy(rank).Sum());

    /// <summary>Rows that a rank of tp receives from each rank of ep.</summary>
    public long[] ReceivedBy(int rank) =>
        [.. Enumerable.Range(rank * ep, ep).Select(source => Sum(i => i / NumExperts == source))];

    /// <summary>
    /// Rows lie by the tp rank that received them, <paramref name="length"/> for each, then by their source, then by expert. Puts them in
    /// the order of experts.
    /// </summary>
    /// <returns>Where each row of that order lies, and the row of each place; -1 for a place without a row.</returns>
    public (long[] Sources, long[] Targets) InOrderOfExperts(long length)
    {
        var (sources, targets) = (new long[counts.Sum()], new long[tp * length]);
        Array.Fill(targets, -1);
        var (starts, row) = (Starts(length), 0L);
        for (var expert = 0; expert < NumExperts; expert++)
        {
            for (var i = expert; i < counts.Length; i += NumExperts)
            {
                for (var place = starts[i]; place < starts[i] + counts[i]; place++)
                {
                    sources[row] = place;
                    targets[place] = row++;
                }
            }
        }

        return (sources, targets);
    }

    /// <summary>Place of the first row of each count.</summary>
    private long[] Starts(long length)
    {
        var starts = new long[counts.Length];
        var each = counts.Length / tp;
        for (var i = 0; i < counts.Length; i++)
            starts[i] = i % each == 0 ? i / each * length : starts[i - 1] + counts[i - 1];
        return starts;
    }

    private long Sum(Func<int, bool> isCounted)
    {
        var sum = 0L;
        for (var i = 0; i < counts.Length; i++)
            sum += isCounted(i) ? counts[i] : 0;
        return sum;
    }
}
