namespace Altiplano.Data.Sampling;

/// <summary>Which data set each of a fixed number of successive samples comes from, in shares of the weights.</summary>
public sealed class MixturePeriod
{
    /// <summary>Samples in a period: weights are exact to 1 in 10,000.</summary>
    public const int NumSlots = 10_000;

    private readonly int[] _counts;
    private readonly (int Dataset, int Offset)[] _slots;

    private MixturePeriod(int[] counts, (int, int)[] slots) => (_counts, _slots) = (counts, slots);

    /// <summary>Samples of each data set in a period; they sum to <see cref="NumSlots"/>.</summary>
    public IReadOnlyList<int> Counts => _counts;

    /// <param name="weights">Positive, of any sum.</param>
    /// <exception cref="DataFormatException">
    /// A weight is not positive and finite, or its share is too small for a slot.
    /// </exception>
    public static MixturePeriod Of(IReadOnlyList<double> weights)
    {
        for (var i = 0; i < weights.Count; i++)
        {
            if (!(weights[i] > 0 && double.IsFinite(weights[i])))
                throw new DataFormatException(
                    $"data.train[{i}].weight is {weights[i]}; a number above 0 is needed. Leave the data set out to give it " +
                    "no share.");
        }

        var counts = Apportion(weights);
        var lost = Array.IndexOf(counts, 0);
        if (lost >= 0)
        {
            throw new DataFormatException(
                $"data.train[{lost}].weight is {weights[lost]} of {weights.Sum()}, a share below 1 in {2 * NumSlots:N0} " +
                "samples, so it would never be seen. Raise it or leave the data set out.");
        }

        return new MixturePeriod(counts, Interleave(counts));
    }

    /// <summary>The data set of a slot, and which of its samples in the period it is; in slot order the offsets ascend.</summary>
    public (int Dataset, int Offset) this[int slot] => _slots[slot];

    /// <summary>Largest-remainder apportionment; the lower index wins a tie.</summary>
    private static int[] Apportion(IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        var quotas = weights.Select(weight => weight / sum * NumSlots).ToArray();
        var counts = quotas.Select(quota => (int)Math.Floor(quota)).ToArray();
        var missing = NumSlots - counts.Sum();
        foreach (var index in Enumerable.Range(0, quotas.Length).OrderByDescending(i => quotas[i] - counts[i]).Take(missing))
            counts[index]++;
        return counts;
    }

    /// <summary>Spreads the samples of each data set evenly over the period.</summary>
    private static (int, int)[] Interleave(int[] counts) =>
        [.. counts
            .SelectMany((count, dataset) =>
                Enumerable.Range(0, count).Select(offset => (dataset, offset, when: (offset + 0.5) / count)))
            .OrderBy(slot => slot.when).ThenBy(slot => slot.dataset)
            .Select(slot => (slot.dataset, slot.offset))];
}
