using Altiplano.Cli.Configuration;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>The failures of a cluster, and what the user allows to be done about them.</summary>
internal static class PlanReliability
{
    /// <param name="rates">The cluster's preset or file of failure rates.</param>
    /// <param name="recovery">A preset or file, <c>auto</c> for all presets, <c>none</c> not to count failures; null for that of the rates.</param>
    /// <exception cref="ConfigException">One of them does not exist, or lacks what it is asked for.</exception>
    public static RunReliability? Read(PresetFolder presets, string rates, string? recovery)
    {
        if (recovery == "none")
            return null;
        var catalog = new ReliabilityCatalog(presets);
        var preset = catalog.Read(rates);
        if (preset.Rates is null)
            throw new ConfigException($"reliability is {rates}, which has no failure rates. Name one that has, such as llama3-2024.");
        IEnumerable<RecoveryPolicy?> policies = recovery switch
        {
            "auto" => catalog.Names.Select(name => catalog.Read(name).Recovery),
            null => [preset.Recovery],
            _ => [catalog.Read(recovery, "--recovery").Recovery],
        };
        var known = policies.OfType<RecoveryPolicy>().ToArray();
        return known.Length > 0
            ? new RunReliability(preset.Rates, known, preset.Stragglers)
            : throw new ConfigException($"{recovery ?? rates} has rates, but no recovery. Name a policy with --recovery, or --recovery auto.");
    }
}
