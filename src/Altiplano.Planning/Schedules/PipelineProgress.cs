namespace Altiplano.Planning.Schedules;

/// <summary>Runs the actions of all ranks, each rank in its own order, as soon as what an action needs is done.</summary>
/// <param name="onRun">Called for each action of a rank with the time at which its inputs are there; returns when its output is there, for the
/// rank that waits for it. Null where only the order matters.</param>
internal sealed class PipelineProgress(PipelineSchedule schedule, Func<int, PipelineAction, double, double>? onRun = null)
{
    private readonly int[] _next = new int[schedule.Pp];
    private readonly double[] _forward = Filled(schedule);
    private readonly double[] _backward = Filled(schedule);

    public void RunAll()
    {
        bool hasMoved;
        do
        {
            hasMoved = false;
            for (var rank = 0; rank < schedule.Pp; rank++)
            {
                while (TryRun(rank))
                    hasMoved = true;
            }
        }
        while (hasMoved);
    }

    /// <summary>The action that a rank could not run; null where it ran all.</summary>
    public PipelineAction? Waiting(int rank) => _next[rank] < schedule.Ranks[rank].Count ? schedule.Ranks[rank][_next[rank]] : null;

    private static double[] Filled(PipelineSchedule schedule)
    {
        var times = new double[schedule.Chunks * schedule.MicroBatches];
        Array.Fill(times, double.NaN);
        return times;
    }

    private bool TryRun(int rank)
    {
        if (Waiting(rank) is not { } action)
            return false;
        var ready = Ready(rank, action);
        if (double.IsNaN(ready))
            return false;
        var sent = onRun?.Invoke(rank, action, ready) ?? 0;
        var chunk = schedule.ChunkOfModel(rank, action.Chunk);
        if (action.Kind == PipelineActionKind.Forward)
            _forward[Index(chunk, action.MicroBatch)] = sent;
        else if (action.Kind != PipelineActionKind.BackwardWeight)
            _backward[Index(chunk, action.MicroBatch)] = sent;
        _next[rank]++;
        return true;
    }

    /// <returns>When the inputs that other actions make are there; NaN before they are made.</returns>
    private double Ready(int rank, PipelineAction action)
    {
        var chunk = schedule.ChunkOfModel(rank, action.Chunk);
        return action.Kind switch
        {
            PipelineActionKind.Forward => chunk == 0 ? 0 : _forward[Index(chunk - 1, action.MicroBatch)],
            PipelineActionKind.BackwardWeight => 0,
            _ when chunk == schedule.Chunks - 1 => _forward[Index(chunk, action.MicroBatch)],
            _ => double.IsNaN(_forward[Index(chunk, action.MicroBatch)]) ? double.NaN : _backward[Index(chunk + 1, action.MicroBatch)],
        };
    }

    private int Index(int chunkOfModel, int microBatch) => chunkOfModel * schedule.MicroBatches + microBatch;
}
