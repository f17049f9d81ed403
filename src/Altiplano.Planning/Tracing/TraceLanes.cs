namespace Altiplano.Planning.Tracing;

/// <summary>Puts the bars of one track on as few rows as hold them: on a row each two bars lie apart, or one within the other.</summary>
/// <remarks>The trace format has no other bars on one thread; operations in flight at the same time need a row each.</remarks>
internal static class TraceLanes
{
    private const double NanosecondsPerSecond = 1e9;

    /// <returns>Each bar with the number of its row, by start; where several start together the longest first.</returns>
    public static IReadOnlyList<(TraceSlice Slice, int Lane)> Of(IEnumerable<TraceSlice> slices)
    {
        var lanes = new List<Stack<long>>();
        var placed = new List<(TraceSlice, int)>();
        foreach (var slice in slices.OrderBy(Start).ThenByDescending(End))
        {
            var lane = lanes.FindIndex(open => Fits(open, slice));
            if (lane < 0)
            {
                lane = lanes.Count;
                lanes.Add(new Stack<long>());
            }

            lanes[lane].Push(End(slice));
            placed.Add((slice, lane));
        }

        return placed;
    }

    /// <summary>Whole nanoseconds, so that what ends together ends together in the file.</summary>
    public static long Start(TraceSlice slice) => (long)Math.Round(slice.Start * NanosecondsPerSecond);

    public static long End(TraceSlice slice) => Math.Max(Start(slice), (long)Math.Round((slice.Start + slice.Duration) * NanosecondsPerSecond));

    /// <param name="open">Ends of the bars that the next one may lie in, the innermost on top.</param>
    private static bool Fits(Stack<long> open, in TraceSlice slice)
    {
        while (open.TryPeek(out var end) && end <= Start(slice))
            open.Pop();
        return !open.TryPeek(out var around) || End(slice) <= around;
    }
}
