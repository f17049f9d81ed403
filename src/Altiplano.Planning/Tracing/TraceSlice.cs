namespace Altiplano.Planning.Tracing;

/// <summary>The rows of one rank in a timeline: what it computes, and each axis that it communicates on.</summary>
public enum TraceTrack
{
    Compute,
    TensorParallel,
    ContextParallel,
    ExpertParallel,
    Pipeline,
    DataParallel,
}

/// <summary>One bar of a timeline, simulated or measured.</summary>
/// <param name="Rank">Whose row; a pipeline rank where a step is simulated.</param>
/// <param name="Name">What is done, the same for all of a kind: bars of one name have one colour.</param>
/// <param name="Start">Seconds from the step's begin.</param>
/// <param name="Duration">Seconds.</param>
/// <param name="Chunk">Of the rank; null where the bar belongs to none.</param>
/// <param name="Bytes">What is moved, or read and written; null where the bar is no single operation.</param>
public readonly record struct TraceSlice(
    int Rank, TraceTrack Track, string Name, double Start, double Duration, int? MicroBatch = null, int? Chunk = null, long? Bytes = null);

/// <summary>Which track shows the operations of a communicator.</summary>
public static class TraceTracks
{
    /// <param name="axis">The communicator's axis of the mesh.</param>
    public static TraceTrack OfAxis(string axis) => axis switch
    {
        "tp" => TraceTrack.TensorParallel,
        "cp" => TraceTrack.ContextParallel,
        "ep" => TraceTrack.ExpertParallel,
        "pp" or "pp_backward" or "pp_ends" => TraceTrack.Pipeline,
        _ => TraceTrack.DataParallel,
    };
}
