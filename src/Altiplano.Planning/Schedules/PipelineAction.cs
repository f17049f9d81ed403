namespace Altiplano.Planning.Schedules;

/// <summary>A piece of work of a pipeline rank.</summary>
public enum PipelineActionKind
{
    Forward,
    /// <summary>Gradient of the input and of the weights in one go; the gradient is sent on when both are done.</summary>
    Backward,
    /// <summary>Gradient of the input, which the stage before waits for.</summary>
    BackwardInput,
    /// <summary>Gradient of the weights, which nobody waits for.</summary>
    BackwardWeight,
}

/// <summary>One pass of one microbatch through one chunk of a rank.</summary>
/// <param name="MicroBatch">Index within the step, 0 first.</param>
/// <param name="Chunk">Index among the rank's own chunks: chunk c of rank r is chunk c x pp + r of the model.</param>
public readonly record struct PipelineAction(PipelineActionKind Kind, int MicroBatch, int Chunk)
{
    public override string ToString() => $"{Letter}{MicroBatch}{(Chunk == 0 ? "" : $".{Chunk}")}";

    private string Letter => Kind switch
    {
        PipelineActionKind.Forward => "F",
        PipelineActionKind.Backward => "B",
        PipelineActionKind.BackwardInput => "I",
        _ => "W",
    };
}
