using Altiplano.Planning.Schedules;

namespace Altiplano.Planning.Tracing;

/// <summary>What every rank did in one step.</summary>
/// <param name="Title">For example the model and its layout.</param>
/// <param name="Label">Which kind of numbers these are: <c>simulated</c> or <c>measured</c>.</param>
public sealed record StepTimeline(string Title, string Label, IReadOnlyList<TraceSlice> Slices)
{
    /// <summary>The pipeline of a simulated step, then gradient reduction on each rank, then the optimizer once all have reduced.</summary>
    public static StepTimeline Of(string title, SimulatedStep step)
    {
        var slices = step.Pipeline.Slices.Select(Of).ToList();
        var ranks = step.Pipeline.Busy.Count;
        var ends = new double[ranks];
        foreach (var slice in step.Pipeline.Slices.Where(slice => slice.SendTo is null))
            ends[slice.Rank] = Math.Max(ends[slice.Rank], slice.End);
        for (var rank = 0; rank < ranks; rank++)
        {
            if (step.DataParallel > 0)
                slices.Add(new TraceSlice(rank, TraceTrack.DataParallel, "reduce gradients", ends[rank], step.DataParallel));
            if (step.Optimizer > 0)
                slices.Add(new TraceSlice(rank, TraceTrack.Compute, "optimizer", step.Pipeline.Makespan + step.DataParallel, step.Optimizer));
        }

        return new StepTimeline(title, "simulated", slices);
    }

    private static TraceSlice Of(PipelineSlice slice)
    {
        var action = slice.Action;
        var isSend = slice.SendTo is not null;
        var name = (action.Kind, isSend) switch
        {
            (PipelineActionKind.Forward, false) => "forward",
            (PipelineActionKind.Forward, true) => "send activations",
            (_, true) => "send gradient",
            (PipelineActionKind.Backward, _) => "backward",
            (PipelineActionKind.BackwardInput, _) => "backward input",
            _ => "backward weight",
        };
        return new TraceSlice(
            slice.Rank, isSend ? TraceTrack.Pipeline : TraceTrack.Compute, name, slice.Start, slice.Duration, action.MicroBatch, action.Chunk);
    }
}
