using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>What a search, or a part of one, has found so far.</summary>
internal sealed class SearchTally(PlanRequest request)
{
    public TopCandidates Best { get; } = new(request.Top, !request.Fixed.HasMesh);
    public SearchCounts Counts { get; set; }

    /// <summary>The layout that needs least memory, told where none fits.</summary>
    public (Layout Layout, MemoryUse Memory, long GlobalBatchSequences)? Leanest { get; private set; }

    /// <summary>The least of each objective among layouts that fit, limits not asked.</summary>
    public (double Seconds, double Dollars, double FacilityWatts) Least { get; private set; } =
        (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);

    /// <summary>True where a layout fits in memory, whether or not it keeps the limits.</summary>
    public bool HasFitting => double.IsFinite(Least.Seconds);

    /// <summary>True where no layout even exists.</summary>
    public bool HasNone => !HasFitting && Leanest is null;

    public void NoteMemory(in Layout layout, in MemoryUse memory, long batch)
    {
        if (Leanest is not { } least || memory.Total < least.Memory.Total)
            Leanest = (layout, memory, batch);
    }

    public void NoteRun(in RunEconomics run) => Least = (
        Math.Min(Least.Seconds, run.Seconds), Math.Min(Least.Dollars, run.Dollars), Math.Min(Least.FacilityWatts, run.FacilityWatts));

    /// <summary>Keeps of another search what is least, and not its layouts.</summary>
    public void NoteLeast(SearchTally other)
    {
        Least = (Math.Min(Least.Seconds, other.Least.Seconds), Math.Min(Least.Dollars, other.Least.Dollars),
            Math.Min(Least.FacilityWatts, other.Least.FacilityWatts));
    }

    /// <summary>Adds what a part has found.</summary>
    public void Merge(SearchTally part)
    {
        foreach (ref readonly var candidate in part.Best.Items)
            Best.Add(candidate);
        Counts += part.Counts;
        if (part.Leanest is { } lean)
            NoteMemory(lean.Layout, lean.Memory, lean.GlobalBatchSequences);
        NoteLeast(part);
    }
}
