using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>Everything that a plan needs to know about the machines of one owner.</summary>
public sealed record ClusterSpec
{
    public required string Name { get; init; }
    public required int NumGpus { get; init; }
    public required ServerSpec Server { get; init; }
    public required NetworkSpec Network { get; init; }
    public required StorageSpec Storage { get; init; }
    public required FacilitySpec Facility { get; init; }
    public required PriceSpec Prices { get; init; }

    /// <summary>The name of a set of failure rates and recovery times: a file of <c>presets/reliability</c>.</summary>
    public required string Reliability { get; init; }

    /// <summary>
    /// What each figure rests on, by key with dots (<c>facility.pue</c>); keys not named are <see cref="Evidence.DataSheet"/>.
    /// </summary>
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = new Dictionary<string, Evidence>();

    public IReadOnlyList<string> Sources { get; init; } = [];

    public GpuSpec Gpu => Server.Gpu;
    public int NumServers => NumGpus / Server.GpusPerServer;

    /// <summary>
    /// Every contradiction between the parts, each prefixed with <paramref name="path"/>; those inside a part are found by the part.
    /// </summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(NumGpus, "num_gpus", NumGpus);
        var perServer = Server.GpusPerServer;
        if (NumGpus <= 0 || perServer <= 0 || Network.Tiers.Count == 0)
            return problems.Problems;
        problems.Require(
            NumGpus % perServer == 0, "num_gpus", NumGpus,
            $"the cluster is made of whole servers, and {Server.Name} holds {perServer}. Use {NearestMultiples(NumGpus, perServer)}.");
        var (first, last) = (Network.Tiers[0], Network.Tiers[^1]);
        problems.Require(
            first.Gpus >= perServer, "network.tiers[0].gpus", $"{first.Gpus} ({first.Name})",
            $"the first tier holds at least a server, {Server.Name} with {perServer} GPUs. Use {perServer} or more.");
        problems.Require(
            last.Gpus >= NumGpus, $"network.tiers[{Network.Tiers.Count - 1}].gpus", $"{last.Gpus} ({last.Name})",
            $"the last tier reaches the whole cluster, and num_gpus is {NumGpus}. " +
            $"Use {NumGpus}, or add the tier that joins the {Plural(last.Name)}.");
        return problems.Problems;
    }

    private static string Plural(string name) => name switch
    {
        _ when name.EndsWith("leaf", StringComparison.Ordinal) => $"{name[..^1]}ves",
        _ when name.EndsWith('s') || name.EndsWith("ch", StringComparison.Ordinal) => $"{name}es",
        _ when name.EndsWith('y') => $"{name[..^1]}ies",
        _ => $"{name}s",
    };

    private static string NearestMultiples(long value, long of)
    {
        var below = value / of * of;
        return below == 0 ? $"{of}" : $"{below} or {below + of}";
    }
}
