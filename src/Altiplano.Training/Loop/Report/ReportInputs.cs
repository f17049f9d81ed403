using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Report;

/// <summary>Everything that the report of a run shows.</summary>
/// <param name="Settings">Keys and values of config.yaml, in order; a key is a path such as <c>optimizer.lr</c>.</param>
/// <param name="Environment">Keys and values of env.json, in order.</param>
public sealed record ReportInputs(
    string Name,
    MetricsHistory History,
    IReadOnlyList<(string Key, string Value)> Settings,
    IReadOnlyList<(string Key, string Value)> Environment,
    IReadOnlyList<GeneratedSample> Samples)
{
    /// <summary>Collects what a run folder holds.</summary>
    /// <param name="settings">The run's config, which only the command line can read.</param>
    /// <exception cref="IOException">metrics.jsonl is missing, or a file is not what a run writes.</exception>
    public static ReportInputs Load(RunFolder folder, IReadOnlyList<(string Key, string Value)> settings)
    {
        if (!File.Exists(folder.Metrics))
            throw new FileNotFoundException($"{folder.Root} has no metrics.jsonl. Give the folder that a training run wrote.");
        return new ReportInputs(
            folder.Name,
            MetricsHistory.Load(folder.Metrics),
            settings,
            File.Exists(folder.Environment) ? RunEnvironment.Load(folder.Environment).Rows() : [],
            GeneratedSample.Load(folder.Samples));
    }
}
