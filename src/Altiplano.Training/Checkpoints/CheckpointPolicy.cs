namespace Altiplano.Training.Checkpoints;

/// <summary>Which checkpoints stay on the disk; the newest always does.</summary>
public sealed record CheckpointPolicy
{
    /// <summary>How many of the newest stay.</summary>
    public int KeepLast { get; init; } = 3;

    /// <summary>Those at multiples of this many steps stay for good; 0 for none.</summary>
    public long KeepEverySteps { get; init; }

    /// <summary>Every reason why this is no policy, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (KeepLast < 1)
            problems.Add($"{path}.keep_last is {KeepLast}, but a run resumes from its newest checkpoint. Use 1 or more.");
        if (KeepEverySteps < 0)
            problems.Add($"{path}.keep_every_steps is {KeepEverySteps}, but it counts steps. Use 0 to keep none for good.");
        return problems;
    }

    /// <param name="newestFirst">Complete checkpoints.</param>
    internal IEnumerable<CheckpointEntry> Superseded(IReadOnlyList<CheckpointEntry> newestFirst) =>
        newestFirst.Skip(Math.Max(1, KeepLast)).Where(entry => KeepEverySteps <= 0 || entry.Step % KeepEverySteps != 0);
}
