using System.Text.Json.Serialization;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;

namespace Altiplano.Cli.Verbs;

/// <summary>What <c>simulate --json</c> prints.</summary>
/// <param name="Model">With cluster and layout: of the plan; absent where flags describe the run.</param>
internal sealed record SimulationAnswer(
    string? Model, string? Cluster, string? Layout, string Rates, string Policy, int Servers, int GpusPerServer, int Replicas, int Spares, double StepS, double IntervalS, double MtbfS,
    int Seeds, Distribution EffectiveTime, Distribution Days, Distribution Steps, Distribution LostWorkHours, Distribution RecoveryHours,
    Distribution CheckpointHours, Distribution WaitingHours, Distribution Failures, IReadOnlyDictionary<string, Distribution> FailuresByComponent,
    Distribution SlowServers, Distribution EnergyMwh, Distribution MeanServerMw, GoodputShares ClosedForm)
{
    public static SimulationAnswer Of(SimulationQuestion question, SimulationResult result) => new(
        question.Plan?.Request.Model.Name, question.Plan?.Request.Cluster.Name,
        question.Plan is { } plan ? LayoutText.Of(plan.Main.Winner.Layout) : null,
        result.Spec.Rates.Name, result.Spec.Policy.Name, result.Spec.Servers, result.Spec.GpusPerServer, result.Spec.Replicas,
        result.Spec.Spares, result.Spec.StepTime.Value, result.Spec.Interval.Value, result.MeanTimeBetweenFailures.Value, result.Runs.Length,
        result.EffectiveTime, result.Days, result.Steps, result.LostWorkHours, result.RecoveryHours, result.SavingHours, result.WaitingHours,
        result.Failures, result.FailuresByComponent.ToDictionary(f => FailureRates.Word(f.Component), f => f.Count), result.SlowServers,
        result.EnergyMwh, result.MeanMegawatts, result.Expected);
}

/// <summary>One line of <c>simulate --events</c>.</summary>
internal sealed record SimulatedEvent(double TimeS, string Event, string? Component, double LostS, int InRepair, double WorkS);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SimulationAnswer))]
[JsonSerializable(typeof(SimulatedEvent))]
internal sealed partial class SimulationJson : JsonSerializerContext;
