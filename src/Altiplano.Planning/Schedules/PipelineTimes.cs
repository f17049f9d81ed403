namespace Altiplano.Planning.Schedules;

/// <summary>Seconds of one microbatch in one chunk of the model; a whole backward pass is the sum of its halves.</summary>
public readonly record struct ChunkTimes(double Forward, double BackwardInput, double BackwardWeight)
{
    public double Backward => BackwardInput + BackwardWeight;

    public static ChunkTimes operator *(ChunkTimes times, double factor) =>
        new(times.Forward * factor, times.BackwardInput * factor, times.BackwardWeight * factor);

    public double Of(PipelineActionKind kind) => kind switch
    {
        PipelineActionKind.Forward => Forward,
        PipelineActionKind.Backward => Backward,
        PipelineActionKind.BackwardInput => BackwardInput,
        _ => BackwardWeight,
    };
}

/// <summary>How long the pieces of a pipeline take.</summary>
public sealed record PipelineTimes
{
    /// <summary>Of every chunk of the model, the one with the embedding first.</summary>
    public required IReadOnlyList<ChunkTimes> Chunks { get; init; }

    /// <summary>Of one microbatch's activations, or their gradient, between rank i and rank i + 1 (from the last to rank 0).</summary>
    public required IReadOnlyList<double> Transfers { get; init; }

    /// <summary>The same for all chunks and all ranks.</summary>
    public static PipelineTimes Uniform(int pp, int virtualStages, ChunkTimes chunk, double transfer = 0) => new()
    {
        Chunks = [.. Enumerable.Repeat(chunk, pp * virtualStages)],
        Transfers = [.. Enumerable.Repeat(transfer, pp)],
    };
}
