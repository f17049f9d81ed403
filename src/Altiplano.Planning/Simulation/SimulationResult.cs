using System.Collections.Immutable;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>Many seeds of one run.</summary>
public sealed record SimulationResult
{
    public required SimulatedRunSpec Spec { get; init; }

    /// <summary>In the order of their seeds.</summary>
    public required ImmutableArray<SimulatedRun> Runs { get; init; }

    public Distribution EffectiveTime => Over(run => run.EffectiveTime);

    public Distribution Days => Over(run => run.Wall.Days);

    public Distribution Steps => Over(run => run.Steps);

    public Distribution LostWorkHours => Over(run => run.LostWork.Hours);

    public Distribution RecoveryHours => Over(run => run.Recovery.Hours);

    public Distribution SavingHours => Over(run => run.Saving.Hours);

    public Distribution WaitingHours => Over(run => run.Waiting.Hours);

    public Distribution Failures => Over(run => run.NumFailures);

    public Distribution SlowServers => Over(run => run.SlowServers);

    /// <summary>1 MWh = 3.6e9 J.</summary>
    public Distribution EnergyMwh => Over(run => run.Energy / 3.6e9);

    public Distribution MeanMegawatts => Over(run => run.Energy / run.Wall.Value / 1e6);

    /// <summary>Failures of each component of the rates, in their order.</summary>
    public IReadOnlyList<(FailureComponent Component, Distribution Count)> FailuresByComponent =>
    [
        .. Spec.Rates.Components.Select((component, i) => (component.Component, Over(run => run.Failures[i]))),
    ];

    /// <summary>What one run of the closed form says to the same question.</summary>
    public GoodputShares Expected => Spec.Goodput.Shares(Spec.Interval.Value, Spec.Spares);

    public Seconds MeanTimeBetweenFailures => new(Spec.Goodput.MeanTimeBetweenFailures);

    private Distribution Over(Func<SimulatedRun, double> figure) => Distribution.Of(Runs.Select(figure));
}
