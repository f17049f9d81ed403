using Altiplano.Data.Sampling;

namespace Altiplano.Training.Generation;

/// <summary>Chooses tokens from logits; what it draws depends on the seed and the number of the draw alone.</summary>
public sealed class TokenSampler(SamplingOptions options)
{
    private uint _draws;

    /// <returns>A token id.</returns>
    public int Next(ReadOnlySpan<float> logits)
    {
        if (options.Temperature == 0)
            return IndexOfMax(logits);
        var candidates = Candidates(logits);
        var threshold = Uniform() * candidates.Sum(c => c.Weight);
        foreach (var (id, weight) in candidates)
        {
            threshold -= weight;
            if (threshold < 0)
                return id;
        }

        return candidates[^1].Id;
    }

    private static int IndexOfMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }

        return best;
    }

    /// <summary>The tokens that may be drawn, likeliest first, with their probabilities up to a common factor.</summary>
    private List<(int Id, double Weight)> Candidates(ReadOnlySpan<float> logits)
    {
        var ids = Enumerable.Range(0, logits.Length).ToArray();
        var keys = logits.ToArray();
        Array.Sort(keys, ids, Comparer<float>.Create((a, b) => b.CompareTo(a)));
        var count = options.TopK == 0 ? ids.Length : Math.Min(options.TopK, ids.Length);
        var weights = keys.Take(count).Select(logit => Math.Exp((logit - keys[0]) / options.Temperature)).ToArray();
        var limit = options.TopP * weights.Sum();
        var candidates = new List<(int, double)>();
        for (var (i, reached) = (0, 0.0); i < count && reached < limit; i++)
        {
            candidates.Add((ids[i], weights[i]));
            reached += weights[i];
        }

        return candidates;
    }

    /// <summary>The next number in [0, 1).</summary>
    private double Uniform()
    {
        var (x, y, _, _) = Philox.Block((_draws++, 0, 0, 0), ((uint)options.Seed, (uint)(options.Seed >> 32)));
        return (((ulong)x << 32 | y) >> 11) / (double)(1UL << 53);
    }
}
