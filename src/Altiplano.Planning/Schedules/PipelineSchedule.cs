using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Schedules;

/// <summary>
/// What every rank of a pipeline does in one step, in order, as data: read by the event simulation and by the pipeline runner.
/// </summary>
/// <remarks>Sends and receives are not listed: they follow from the order of the chunks (<see cref="Next"/>, <see cref="Previous"/>).</remarks>
public sealed record PipelineSchedule
{
    public required PipelineScheduleKind Kind { get; init; }
    public required int Pp { get; init; }
    public required int VirtualStages { get; init; }
    public required int MicroBatches { get; init; }

    /// <summary>The actions of each rank, in the order in which it runs them.</summary>
    public required IReadOnlyList<IReadOnlyList<PipelineAction>> Ranks { get; init; }

    /// <summary>Chunks of the model: pipeline degree times virtual stages.</summary>
    public int Chunks => Pp * VirtualStages;

    /// <exception cref="ConfigException">There are no such pipelines: see <see cref="LayoutRules"/>.</exception>
    public static PipelineSchedule Of(PipelineScheduleKind kind, int pp, int virtualStages, int microBatches)
    {
        var isInterleaved = kind == PipelineScheduleKind.InterleavedOneForwardOneBackward;
        if (pp < 1 || virtualStages < 1 || microBatches < 1)
            throw new ConfigException($"A pipeline has 1 stage, chunk and microbatch or more; {pp}, {virtualStages} and {microBatches} were asked for.");
        if (virtualStages > 1 && !isInterleaved)
            throw new ConfigException($"parallel.virtual_stages is {virtualStages}, but only interleaved_1f1b has more than one chunk a rank. Use 1.");
        if (isInterleaved && microBatches < pp)
            throw new ConfigException($"mesh.pp is {pp}, but interleaved_1f1b needs a microbatch for each stage, and there are {microBatches}. Use more.");
        return new PipelineSchedule
        {
            Kind = kind,
            Pp = pp,
            VirtualStages = virtualStages,
            MicroBatches = microBatches,
            Ranks = [.. Enumerable.Range(0, pp).Select(rank => ScheduleOrders.Of(kind, pp, virtualStages, microBatches, rank))],
        };
    }

    /// <summary>The schedule of a layout's pipeline.</summary>
    public static PipelineSchedule Of(in Layout layout, long globalBatchSequences) =>
        Of(layout.Schedule, layout.Pp, layout.VirtualStages, (int)layout.MicroBatches(globalBatchSequences));

    /// <summary>Index within the model of a rank's chunk.</summary>
    public int ChunkOfModel(int rank, int chunk) => chunk * Pp + rank;

    /// <summary>Where the output of a chunk goes; null from the last one.</summary>
    public (int Rank, int Chunk)? Next(int rank, int chunk) => At(ChunkOfModel(rank, chunk) + 1);

    /// <summary>Where the gradient of a chunk's input goes; null from the first one.</summary>
    public (int Rank, int Chunk)? Previous(int rank, int chunk) => At(ChunkOfModel(rank, chunk) - 1);

    /// <summary>Why this is no schedule that can run; empty when it is one.</summary>
    public IReadOnlyList<string> FindProblems() => new ScheduleProblems(this).Find();

    private (int Rank, int Chunk)? At(int chunkOfModel) =>
        chunkOfModel < 0 || chunkOfModel >= Chunks ? null : (chunkOfModel % Pp, chunkOfModel / Pp);
}
