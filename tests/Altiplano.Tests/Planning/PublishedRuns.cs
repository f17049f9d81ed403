using System.Text.Json;
using Altiplano.Planning.Backtest;
using Altiplano.Tests.Planning.Backtest;

namespace Altiplano.Tests.Planning;

/// <summary>The published training runs that can be computed, and the parameter counts that their sources give.</summary>
internal static class PublishedRuns
{
    private const string FileName = "published-runs.json";

    public static IReadOnlyList<MappedCase> Read()
    {
        var mapper = new CaseMapper(TestServers.Of);
        var cases = new List<MappedCase>();
        foreach (var run in CaseFile.Read(TestAssets.Require(FileName)))
        {
            if (mapper.TryMap(run, out var mapped, out _))
                cases.Add(mapped);
        }

        return cases;
    }

    /// <summary>By the run's id; runs whose source gives none are absent.</summary>
    public static IReadOnlyDictionary<string, double> ReadParameterCounts()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestAssets.Require(FileName)));
        return document.RootElement.EnumerateArray()
            .Where(run => run.GetProperty("model").GetProperty("params").ValueKind == JsonValueKind.Number)
            .ToDictionary(run => run.GetProperty("id").GetString()!, run => run.GetProperty("model").GetProperty("params").GetDouble());
    }
}
