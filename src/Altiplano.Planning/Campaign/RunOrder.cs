namespace Altiplano.Planning.Campaign;

/// <summary>Who waits for whom.</summary>
internal static class RunOrder
{
    /// <summary>Names of runs that wait for one another in a circle, each needing the next; empty where there is none.</summary>
    /// <remarks>Takes away every run whose needs are gone until nothing changes; what stays leads into a circle.</remarks>
    public static IReadOnlyList<string> FindCircle(IReadOnlyList<CampaignRun> runs)
    {
        var left = runs.ToDictionary(run => run.Name);
        while (left.Values.FirstOrDefault(run => !run.Needs.Any(left.ContainsKey)) is { } free)
            left.Remove(free.Name);
        if (left.Count == 0)
            return [];
        var path = new List<string>();
        var at = runs.First(run => left.ContainsKey(run.Name)).Name;
        for (; !path.Contains(at); at = left[at].Needs.First(left.ContainsKey))
            path.Add(at);
        return path[path.IndexOf(at)..];
    }
}
