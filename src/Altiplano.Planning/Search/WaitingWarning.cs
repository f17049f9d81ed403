namespace Altiplano.Planning.Search;

/// <summary>Says where a batch is too small for the GPUs that share it.</summary>
internal static class WaitingWarning
{
    /// <summary>Share of a step above which waiting is told.</summary>
    private const double MostWaiting = 0.4;

    /// <summary>Null where the GPUs are busy enough.</summary>
    public static string? Of(PhasePlan phase)
    {
        var time = phase.Winner.Step.Time;
        var waiting = TimeParts.Tree(time).Skip(1).Take(2).Sum(group => group.Parts.Sum(part => part.Seconds)) / time.Total;
        if (waiting <= MostWaiting)
            return null;
        return $"Warning: bubbles and communication that nothing hides take {100 * waiting:0} % of a step. A batch of {phase.Winner.GlobalBatchSequences:N0} " +
            $"sequences is small for {phase.Winner.Layout.World:N0} GPUs: give a larger one, or use fewer GPUs (--gpus auto finds the best number).";
    }
}
