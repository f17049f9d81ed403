using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Campaign;

/// <summary>Several training runs on one fleet.</summary>
public sealed record CampaignSpec
{
    public required string Name { get; init; }
    public required ClusterSpec Fleet { get; init; }

    /// <summary>In the order of the file, which decides between equals.</summary>
    public required IReadOnlyList<CampaignRun> Runs { get; init; }

    public IReadOnlyList<string> Sources { get; init; } = [];

    public int GpusOf(CampaignRun run) => run.GpusOf(Fleet.NumGpus, Fleet.Server.GpusPerServer);

    /// <summary>Every reason why these runs cannot be done on this fleet, each with the path of the key to mend.</summary>
    public IReadOnlyList<string> FindProblems() => CampaignRules.FindProblems(this);
}
