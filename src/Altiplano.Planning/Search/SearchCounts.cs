namespace Altiplano.Planning.Search;

/// <summary>What became of every layout of a search; evaluated, illegal and both kinds of skipped add up to <see cref="Raw"/>.</summary>
/// <param name="Raw">All combinations of the axes on so many GPUs.</param>
/// <param name="Evaluated">Legal ones whose time, memory, money and watts were computed.</param>
/// <param name="Fitting">Those of them that fit in memory and keep the limits.</param>
/// <param name="Illegal">Combinations that do not exist: something does not divide.</param>
/// <param name="SkippedByTime">Never looked at: a lower bound of their objective is above the worst of the best.</param>
/// <param name="SkippedByMemory">Never evaluated: a lower bound of their memory is above the GPU's.</param>
public readonly record struct SearchCounts(long Raw, long Evaluated, long Fitting, long Illegal, long SkippedByTime, long SkippedByMemory)
{
    public static SearchCounts operator +(SearchCounts a, SearchCounts b) => new(
        a.Raw + b.Raw, a.Evaluated + b.Evaluated, a.Fitting + b.Fitting, a.Illegal + b.Illegal, a.SkippedByTime + b.SkippedByTime,
        a.SkippedByMemory + b.SkippedByMemory);
}
