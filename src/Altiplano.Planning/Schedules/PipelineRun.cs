namespace Altiplano.Planning.Schedules;

/// <summary>The clocks of every rank's two streams while a pipeline is simulated.</summary>
internal sealed class PipelineRun(PipelineSchedule schedule, PipelineTimes times)
{
    private readonly double[] _compute = new double[schedule.Pp];
    private readonly double[] _communication = new double[schedule.Pp];
    private readonly List<PipelineSlice> _slices = [];
    private readonly double[] _busy = new double[schedule.Pp];

    public IReadOnlyList<PipelineSlice> Slices => _slices;

    public IReadOnlyList<double> Busy => _busy;

    public double End => _compute.Max();

    /// <param name="ready">When the action's input has arrived.</param>
    /// <returns>When its result has arrived where it is needed.</returns>
    public double Do(int rank, PipelineAction action, double ready)
    {
        var duration = times.Chunks[schedule.ChunkOfModel(rank, action.Chunk)].Of(action.Kind);
        var start = Math.Max(ready, _compute[rank]);
        var end = start + duration;
        _compute[rank] = end;
        _busy[rank] += duration;
        _slices.Add(new PipelineSlice(rank, action, null, start, end));
        return action.Kind == PipelineActionKind.BackwardWeight ? end : Send(rank, action, end);
    }

    private double Send(int rank, PipelineAction action, double made)
    {
        var isForward = action.Kind == PipelineActionKind.Forward;
        var target = isForward ? schedule.Next(rank, action.Chunk) : schedule.Previous(rank, action.Chunk);
        if (target is not { } to || to.Rank == rank)
            return made;
        var start = Math.Max(made, _communication[rank]);
        var end = start + times.Transfers[isForward ? rank : to.Rank];
        _communication[rank] = end;
        _slices.Add(new PipelineSlice(rank, action, to.Rank, start, end));
        return end;
    }
}
