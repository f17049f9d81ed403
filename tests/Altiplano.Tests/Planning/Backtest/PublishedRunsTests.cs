using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

/// <summary>The collected runs as a whole.</summary>
public sealed class PublishedRunsTests
{
    [Fact]
    public void TryMap_EveryCompleteRun_Succeeds()
    {
        var runs = CaseFile.Read(TestAssets.Require("published-runs.json"));
        var mapper = new CaseMapper(TestServers.Of);

        var refusals = runs.Where(r => r.IsComplete).Select(r => mapper.TryMap(r, out _, out var refusal) ? null : $"{r.Id}: {refusal}");

        runs.Count.ShouldBe(488);
        refusals.OfType<string>().ShouldBeEmpty();
    }

    [Fact]
    public void Read_EveryRun_HasNoUnknownKeys() =>
        CaseFile.Read(TestAssets.Require("published-runs.json")).SelectMany(r => r.UnknownKeys).ShouldBeEmpty();

    [Fact]
    public void Read_VTrain_HasEveryRow()
    {
        VTrainFile.Read(TestAssets.Require("vtrain-multi.csv")).Count.ShouldBe(41);
        VTrainFile.Read(TestAssets.Require("vtrain-single.csv")).Count.ShouldBe(200);
    }
}
