namespace Altiplano.Planning.Search;

/// <summary>How a model is to be trained on a cluster, what that takes, and what else was considered.</summary>
public sealed record TrainingPlan
{
    public required PlanRequest Request { get; init; }

    /// <summary>Phases in the order in which they run.</summary>
    public required IReadOnlyList<PhasePlan> Phases { get; init; }

    /// <summary>What the reader must know of how this came about: fewer GPUs than there are, a phase with its own mesh.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The phase with most tokens: its layout is the run's.</summary>
    public PhasePlan Main => Phases.MaxBy(p => p.Phase.Tokens)!;

    public double Tokens => Phases.Sum(p => p.Phase.Tokens);
    public double Seconds => Phases.Sum(p => p.Winner.Run.Seconds);
    public double GpuHours => Phases.Sum(p => p.GpuHours);
    public double Joules => Phases.Sum(p => p.Winner.Run.Joules);
    public double Dollars => Phases.Sum(p => p.Winner.Run.Dollars);
}
