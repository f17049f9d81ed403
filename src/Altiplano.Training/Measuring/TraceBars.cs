using Altiplano.Distributed;
using Altiplano.Planning.Schedules;
using Altiplano.Planning.Tracing;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>The bars of a timed step: what the rank computed and waited for, and what was in flight on each axis meanwhile.</summary>
internal static class TraceBars
{
    /// <param name="trace">With times.</param>
    /// <param name="seconds">Of the whole step.</param>
    public static IEnumerable<TraceSlice> Of(StepTrace trace, int rank, long step, double seconds)
    {
        var whole = new TraceSlice(rank, TraceTrack.Compute, $"step {step}", 0, seconds);
        return
        [
            whole, .. trace.Actions.Select(action => BarOf(action, rank)), .. trace.Operators.Select(op => BarOf(op, rank)),
            .. trace.Collectives.SelectMany(collective => BarsOf(collective, rank)),
        ];
    }

    private static TraceSlice BarOf(TracedAction action, int rank) => Compute(rank, NameOf(action.Action.Kind), action.Time!.Value) with
    {
        MicroBatch = action.Action.MicroBatch,
        Chunk = action.Action.Chunk,
    };

    private static TraceSlice BarOf(TracedOperator op, int rank) => Compute(rank, op.Call.Name, op.Time!.Value) with { Bytes = op.Call.Bytes };

    private static IEnumerable<TraceSlice> BarsOf(TracedCollective collective, int rank)
    {
        var (record, flight) = (collective.Record, collective.Moved ?? collective.Time!.Value);
        yield return new TraceSlice(rank, TraceTracks.OfAxis(record.Axis), record.Kind.Name(), flight.Start, flight.Duration, Bytes: record.Bytes);
        if (collective.Waited is { } waited)
            yield return Compute(rank, $"wait: {record.Kind.Name()} over {record.Axis}", waited);
    }

    private static TraceSlice Compute(int rank, string name, TraceTime time) => new(rank, TraceTrack.Compute, name, time.Start, time.Duration);

    private static string NameOf(PipelineActionKind kind) => kind switch
    {
        PipelineActionKind.Forward => "forward",
        PipelineActionKind.Backward => "backward",
        PipelineActionKind.BackwardInput => "backward input",
        _ => "backward weight",
    };
}
