namespace Altiplano.Planning.Schedules;

/// <summary>One step of one pipeline, event by event: when each rank computes, sends and waits.</summary>
public sealed record SimulatedPipeline
{
    /// <summary>Seconds until the last rank has done its last action.</summary>
    public required double Makespan { get; init; }

    /// <summary>Seconds that each rank computes.</summary>
    public required IReadOnlyList<double> Busy { get; init; }

    /// <summary>Compute and sends in the order in which they were found; in order of time on each stream of a rank.</summary>
    public required IReadOnlyList<PipelineSlice> Slices { get; init; }

    /// <summary>Seconds that a rank does not compute.</summary>
    public double Bubble(int rank) => Makespan - Busy[rank];

    /// <summary>Runs a schedule.</summary>
    /// <remarks>
    /// A rank has two streams. Compute runs its actions in order, each when its input is there. Communication sends results in the
    /// order in which they were made, one after the other, while compute goes on. What a rank hands to itself takes no time.
    /// </remarks>
    /// <exception cref="ConfigException">The schedule cannot run, or the times are not those of its chunks and ranks.</exception>
    public static SimulatedPipeline Run(PipelineSchedule schedule, PipelineTimes times)
    {
        if (times.Chunks.Count != schedule.Chunks || times.Transfers.Count != schedule.Pp)
        {
            throw new ConfigException($"The schedule has {schedule.Chunks} chunks on {schedule.Pp} ranks, but there are times of " +
                $"{times.Chunks.Count} chunks and {times.Transfers.Count} transfers. Give one each.");
        }

        var run = new PipelineRun(schedule, times);
        var progress = new PipelineProgress(schedule, run.Do);
        progress.RunAll();
        if (Enumerable.Range(0, schedule.Pp).Any(rank => progress.Waiting(rank) is not null))
            ConfigException.ThrowIfAny(schedule.FindProblems());
        return new SimulatedPipeline { Makespan = run.End, Busy = run.Busy, Slices = run.Slices };
    }
}
