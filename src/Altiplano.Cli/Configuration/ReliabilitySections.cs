using System.Collections.Immutable;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Configuration;

/// <summary>What one file says about failures: how often, what is done about them, or both.</summary>
internal sealed record ReliabilityPreset
{
    public required string Name { get; init; }
    public IReadOnlyList<string> Sources { get; init; } = [];
    public FailureRates? Rates { get; init; }
    public RecoveryPolicy? Recovery { get; init; }
    public StragglerRates? Stragglers { get; init; }

    public IReadOnlyList<string> FindProblems() => Rates is null && Recovery is null
        ? ["The file has neither rates nor recovery. Give at least one."]
        : [];
}

/// <summary>The keys of <c>presets/reliability</c>, which clusters carry too.</summary>
internal static class ReliabilitySections
{
    private static ScalarFormat<double> Share => YamlFormats.Number("a share from 0 to 1", v => v is >= 0 and <= 1);

    private static Section<ComponentRate> Component { get; } = new Section<ComponentRate>()
        .Add("rate", Quantities.Failures, c => c.Rate, (c, v) => c with { Rate = v }, "How often it stops a run.", isRequired: true)
        .Add("server_loss_share", Share, c => c.ServerLossShare, (c, v) => c with { ServerLossShare = v },
            "Share after which the server is out until repaired.")
        .Add("evidence", EvidenceWords.Format, c => c.Evidence, (c, v) => c with { Evidence = v }, "What the rate rests on.");

    public static Section<FailureRates> Rates { get; } = AllComponents();

    public static Section<RecoveryPolicy> Recovery { get; } = new Section<RecoveryPolicy>()
        .Add("source", YamlFormats.OneOf(("disk", RestartSource.Disk), ("memory", RestartSource.Memory), ("peer", RestartSource.Peer)),
            p => p.Source, (p, v) => p with { Source = v }, "Where a restart finds the state.", isRequired: true)
        .Add("detection", Quantities.Time, p => p.Detection, (p, v) => p with { Detection = v },
            "From a failure until it is known.", isRequired: true)
        .Add("restart", Quantities.Time, p => p.Restart, (p, v) => p with { Restart = v },
            "From then until the first step; of the replica alone, where replicas are dropped.", isRequired: true)
        .Add("disk_restart", Quantities.Time, p => p.DiskRestart, (p, v) => p with { DiskRestart = v },
            "The same from disk, for source: memory.")
        .Add("checkpoint_blocking", Quantities.Time, p => p.CheckpointBlocking, (p, v) => p with { CheckpointBlocking = v },
            "How long a checkpoint stops training.", isRequired: true)
        .Add("checkpoint_write", Quantities.Time, p => p.CheckpointWrite, (p, v) => p with { CheckpointWrite = v },
            "How long it is then written in the background.")
        .Add("replacement", Quantities.Time, p => p.Replacement, (p, v) => p with { Replacement = v }, "Putting a spare in place.")
        .Add("repair", Quantities.Time, p => p.Repair, (p, v) => p with { Repair = v },
            "Mean time until a lost server is a spare.", isRequired: true)
        .Add("corruption_detection", Quantities.Time, p => p.CorruptionDetection, (p, v) => p with { CorruptionDetection = v },
            "From a silent corruption until it is known.")
        .Add("drops_replicas", YamlFormats.Boolean, p => p.DropsReplicas, (p, v) => p with { DropsReplicas = v },
            "True where whole replicas go on without the one that failed.")
        .Add("replica_drop", Quantities.Time, p => p.ReplicaDrop, (p, v) => p with { ReplicaDrop = v },
            "How long all wait while one is dropped.")
        .Check((p, path) => p.FindProblems(path));

    public static Section<StragglerRates> Stragglers { get; } = new Section<StragglerRates>()
        .Add("rate", Quantities.Failures, s => s.Rate, (s, v) => s with { Rate = v }, "How often a server turns slow.", isRequired: true)
        .Add("slowdown", YamlFormats.Number("a share from 0 up to, but not, 1", v => v is >= 0 and < 1), s => s.Slowdown,
            (s, v) => s with { Slowdown = v }, "Share of its speed that it, and the run with it, loses.", isRequired: true)
        .Add("removal", Quantities.Time, s => s.Removal, (s, v) => s with { Removal = v }, "Until it is taken out.", isRequired: true)
        .Check((s, path) => s.FindProblems(path));

    public static RecoveryPolicy BlankRecovery { get; } = new()
    {
        Name = "", Source = RestartSource.Disk, Detection = default, Restart = default, CheckpointBlocking = default, Repair = default,
    };

    public static FailureRates BlankRates { get; } = new() { Name = "", Components = [] };

    private static StragglerRates BlankStragglers { get; } = new() { Rate = default, Slowdown = 0, Removal = default };

    public static Section<ReliabilityPreset> Preset { get; } = new Section<ReliabilityPreset>()
        .Add("sources", new ListFormat<string>(new TextFormat("a citation")), p => p.Sources, (p, v) => p with { Sources = v },
            "Where the figures are published, and which are assumed.", isRequired: true)
        .Add("rates", new OptionalSection<FailureRates>(Rates, BlankRates), p => p.Rates, (p, v) => p with { Rates = v }, "By component.")
        .Add("recovery", new OptionalSection<RecoveryPolicy>(Recovery, BlankRecovery), p => p.Recovery,
            (p, v) => p with { Recovery = v }, "What is done on a failure.")
        .Add("stragglers", new OptionalSection<StragglerRates>(Stragglers, BlankStragglers), p => p.Stragglers,
            (p, v) => p with { Stragglers = v }, "Servers that turn slow.")
        .Check((p, _) => p.FindProblems());

    private static Section<FailureRates> AllComponents()
    {
        var section = new Section<FailureRates>();
        foreach (var component in Enum.GetValues<FailureComponent>())
        {
            var blank = new ComponentRate { Component = component, Rate = default };
            section.Add(FailureRates.Word(component), new OptionalSection<ComponentRate>(Component, blank),
                rates => rates.Components.FirstOrDefault(c => c.Component == component),
                (rates, given) => given is null ? rates : rates with { Components = rates.Components.Add(given) },
                $"Failures of this component.");
        }

        return section.Check((rates, path) => rates.FindProblems(path));
    }
}
