using System.Collections.Immutable;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>How often the servers of one source fail, by component.</summary>
public sealed record FailureRates
{
    public required string Name { get; init; }

    public required ImmutableArray<ComponentRate> Components { get; init; }

    /// <summary>Where the figures are published.</summary>
    public ImmutableArray<string> Sources { get; init; } = [];

    /// <summary>The weakest evidence among the rates.</summary>
    public Evidence Evidence => Components.Max(component => component.Evidence);

    /// <summary>Failures a second of a run on that many servers, by what they take.</summary>
    public FailureClasses Of(int servers, int gpusPerServer)
    {
        var (kept, lost, corrupting) = (0.0, 0.0, 0.0);
        foreach (var component in Components)
        {
            var rate = component.Rate.PerServerSecond(gpusPerServer) * servers;
            if (component.Component == FailureComponent.SilentCorruption)
            {
                corrupting += rate;
                continue;
            }

            lost += rate * component.ServerLossShare;
            kept += rate * (1 - component.ServerLossShare);
        }

        return new FailureClasses(kept, lost, corrupting);
    }

    /// <summary>Mean time between failures of a run on that many servers; endless where nothing fails.</summary>
    public Seconds MeanTimeBetweenFailures(int servers, int gpusPerServer) => new(1 / Of(servers, gpusPerServer).Total);

    /// <summary>Every rate that cannot be, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (Components.IsDefaultOrEmpty)
        {
            problems.Add($"{path} has no component, but a run without failures is no prediction. " +
                "Add unattributed: {rate: 6.5/1000 server-days}.");
        }

        foreach (var component in Components.IsDefault ? [] : Components)
            problems.AddRange(component.FindProblems($"{path}.{Word(component.Component)}"));
        return problems;
    }

    /// <summary>A component as files and tables spell it: <c>silent_corruption</c>.</summary>
    public static string Word(FailureComponent component) => component switch
    {
        FailureComponent.SilentCorruption => "silent_corruption",
        _ => component.ToString().ToLowerInvariant(),
    };
}
