namespace Altiplano.Planning.Search;

/// <summary>The layout that the user gave does not fit in memory.</summary>
/// <param name="plan">All that the layout would take if it did.</param>
/// <param name="problem">How much is missing, and what helps.</param>
public sealed class UnfitLayoutException(TrainingPlan plan, string problem) : ConfigException(problem)
{
    public TrainingPlan Plan { get; } = plan;
}
