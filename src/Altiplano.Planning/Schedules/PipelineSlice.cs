namespace Altiplano.Planning.Schedules;

/// <summary>What a rank does at a time, on which of its two streams.</summary>
/// <param name="Action">What is computed, or whose result is sent.</param>
/// <param name="SendTo">The rank that receives; null for work of the compute stream.</param>
/// <param name="Start">Seconds from the step's begin.</param>
public readonly record struct PipelineSlice(int Rank, PipelineAction Action, int? SendTo, double Start, double End)
{
    public double Duration => End - Start;
}
