namespace Altiplano.Planning.Campaign;

/// <summary>Where a run lies in time, before anything is said of energy and money.</summary>
internal readonly record struct Placement(CampaignRun Run, int Gpus, double Ready, double Start, double End);

/// <summary>Places runs in time by list scheduling: each starts as soon as what it needs has ended and its GPUs are free.</summary>
/// <remarks>
/// Among runs that could start, the higher priority goes first, then the order of the file. A run that does not fit holds nobody
/// back: a smaller one of lower priority may start before it. Same campaign, same schedule.
/// </remarks>
internal static class CampaignScheduler
{
    /// <param name="seconds">How long each run takes.</param>
    public static IReadOnlyList<Placement> Schedule(CampaignSpec campaign, Func<CampaignRun, double> seconds)
    {
        var waiting = campaign.Runs.OrderByDescending(run => run.Priority).ToList();
        var placed = new Dictionary<string, Placement>();
        var ends = new PriorityQueue<Placement, (double End, int Sequence)>();
        var (free, now) = (campaign.Fleet.NumGpus, 0.0);
        while (true)
        {
            foreach (var run in waiting.Where(run => IsReady(run, placed, now)).ToList())
            {
                var gpus = campaign.GpusOf(run);
                if (gpus > free)
                    continue;
                var ready = run.Needs.Select(name => placed[name].End).DefaultIfEmpty(0).Max();
                var placement = new Placement(run, gpus, ready, now, now + seconds(run));
                (free, placed[run.Name]) = (free - gpus, placement);
                ends.Enqueue(placement, (placement.End, placed.Count));
                waiting.Remove(run);
            }

            if (!ends.TryDequeue(out var ended, out _))
                return [.. campaign.Runs.Select(run => placed[run.Name])];
            (free, now) = (free + ended.Gpus, ended.End);
            while (ends.TryPeek(out var next, out _) && next.End <= now)
                free += ends.Dequeue().Gpus;
        }
    }

    private static bool IsReady(CampaignRun run, Dictionary<string, Placement> placed, double now) =>
        run.Needs.All(name => placed.TryGetValue(name, out var need) && need.End <= now);
}
