namespace Altiplano.Training.Parallel;

/// <summary>Which samples of a step a rank reads: each data-parallel group a run of its own, all together those of one process.</summary>
public static class StepSamples
{
    /// <param name="first">Number of the step's first sample.</param>
    /// <param name="sequences">Samples of the step over all ranks.</param>
    /// <param name="microBatchSize">Samples of one microbatch.</param>
    /// <returns>First sample and number of samples of each microbatch.</returns>
    public static IEnumerable<(long First, int Count)> Of(long first, int sequences, int microBatchSize, DeviceMesh mesh)
    {
        var own = sequences / mesh.DataDegree;
        var start = first + (long)mesh.DataRank * own;
        for (var done = 0; done < own; done += microBatchSize)
            yield return (start + done, Math.Min(microBatchSize, own - done));
    }
}
