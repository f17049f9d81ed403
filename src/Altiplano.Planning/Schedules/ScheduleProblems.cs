namespace Altiplano.Planning.Schedules;

/// <summary>Proves that a schedule can run: every pass once, in an order that never waits for itself, every send received.</summary>
internal sealed class ScheduleProblems(PipelineSchedule schedule)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Find()
    {
        for (var rank = 0; rank < schedule.Pp; rank++)
        {
            FindMissing(rank);
            FindOrder(rank);
        }

        if (_problems.Count == 0)
            FindDeadlock();
        return _problems;
    }

    /// <summary>Each microbatch goes once through each chunk, forward and backward; so each send has its one receive.</summary>
    private void FindMissing(int rank)
    {
        var counts = schedule.Ranks[rank].CountBy(action => action).ToDictionary();
        foreach (var (action, count) in counts)
        {
            if (count > 1)
                _problems.Add($"Rank {rank} does {action} {count} times. Each pass is done once.");
            if (action.MicroBatch < 0 || action.MicroBatch >= schedule.MicroBatches || action.Chunk < 0 || action.Chunk >= schedule.VirtualStages)
                _problems.Add($"Rank {rank} does {action}, but there are {schedule.MicroBatches} microbatches and {schedule.VirtualStages} chunks.");
        }

        for (var pass = 0; pass < schedule.MicroBatches * schedule.VirtualStages; pass++)
            FindMissing(rank, counts, pass / schedule.VirtualStages, pass % schedule.VirtualStages);
    }

    private void FindMissing(int rank, Dictionary<PipelineAction, int> counts, int microBatch, int chunk)
    {
        var isWhole = Does(PipelineActionKind.Backward);
        var isSplit = Does(PipelineActionKind.BackwardInput) && Does(PipelineActionKind.BackwardWeight);
        if (!Does(PipelineActionKind.Forward))
            _problems.Add($"Rank {rank} never does the forward pass of microbatch {microBatch}, chunk {chunk}. The next stage waits for it.");
        if (isWhole == isSplit)
            _problems.Add($"Rank {rank} needs one backward pass of microbatch {microBatch}, chunk {chunk}, whole or in two halves.");

        bool Does(PipelineActionKind kind) => counts.ContainsKey(new PipelineAction(kind, microBatch, chunk));
    }

    /// <summary>A weight gradient after its input gradient, on the rank itself.</summary>
    private void FindOrder(int rank)
    {
        var inputs = new HashSet<(int, int)>();
        foreach (var action in schedule.Ranks[rank])
        {
            if (action.Kind == PipelineActionKind.BackwardInput)
                inputs.Add((action.MicroBatch, action.Chunk));
            else if (action.Kind == PipelineActionKind.BackwardWeight && !inputs.Contains((action.MicroBatch, action.Chunk)))
                _problems.Add($"Rank {rank} does {action} before its input gradient.");
        }
    }

    /// <summary>Runs the ranks as far as they come; all of them reach their end unless some wait for each other.</summary>
    private void FindDeadlock()
    {
        var progress = new PipelineProgress(schedule);
        progress.RunAll();
        for (var rank = 0; rank < schedule.Pp; rank++)
        {
            if (progress.Waiting(rank) is { } action)
                _problems.Add($"Rank {rank} waits for ever before {action}: what it needs comes after it.");
        }
    }
}
