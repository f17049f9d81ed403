using System.Text.Json;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Costs;

namespace Altiplano.Tests.Planning;

/// <summary>The published training runs that can be computed, and the parameter counts that their sources give.</summary>
internal static class PublishedRuns
{
    private const string FileName = "published-runs.json";

    private static readonly PresetFolder Presets = PresetFolder.Shipped();
    private static readonly StackCatalog Stacks = new(Presets);

    public static IReadOnlyList<MappedCase> Read()
    {
        var mapper = new CaseMapper(new HardwareCatalog(Presets).Server);
        var cases = new List<MappedCase>();
        foreach (var run in CaseFile.Read(TestAssets.Require(FileName)))
        {
            if (mapper.TryMap(run, out var mapped, out _))
                cases.Add(mapped);
        }

        return cases;
    }

    /// <summary>The memory of a run under the shipped coefficients of its stack.</summary>
    public static MemoryModel MemoryModel(MappedCase run) =>
        new(run.Workload, run.Cluster, Stacks.For(run.Cluster.Gpu, run.Cluster.Network.Kind, run.Workload.Precision).Memory);

    /// <summary>By the run's id; runs whose source gives none are absent.</summary>
    public static IReadOnlyDictionary<string, double> ReadParameterCounts()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestAssets.Require(FileName)));
        return document.RootElement.EnumerateArray()
            .Where(run => run.GetProperty("model").GetProperty("params").ValueKind == JsonValueKind.Number)
            .ToDictionary(run => run.GetProperty("id").GetString()!, run => run.GetProperty("model").GetProperty("params").GetDouble());
    }
}
