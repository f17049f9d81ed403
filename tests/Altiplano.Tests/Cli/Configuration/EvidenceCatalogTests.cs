using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Backtest;
using Altiplano.Tests.Planning.Backtest;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class EvidenceCatalogTests : IDisposable
{
    private const string Small = """
        source: somebody
        citation: a paper
        about: nothing
        models:
          - {name: m, layers: 2, hidden: 64, heads: 4, ffn: 256, vocab: 1000, gated_mlp: false, tied: true}
        runs:
          - id: a
            locator: table 1
            model: m
            machine: {gpu: A100-80GB-SXM, gpus: 8}
            batch: {seq: 128, global_batch_seqs: 8, micro_batch: 1, precision: bf16}
            layout: {dp: 8, zero: 0, recompute: none}
            measured: {step_s: 1.5}

        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Run_CarriesItsModelAndSource()
    {
        var run = EvidenceCatalog.Read(_folder.Write("e.yaml", Small)).Runs.ShouldHaveSingleItem();

        (run.Source, run.Citation, run.Model.Hidden, run.Measured.StepSeconds).ShouldBe(("somebody", "a paper", 64, 1.5));
        run.IsRecommended.ShouldBeTrue();
    }

    [Theory]
    [InlineData("model: m\n", "model: n\n", "runs: a has the model \"n\". ")]
    [InlineData("seq: 128, ", "", "runs[0].batch.seq is missing. It is required.")]
    [InlineData("step_s: 1.5", "step_s: -1", "runs[0].measured.step_s is \"-1\", but it must be a number above 0.")]
    [InlineData("zero: 0", "zeor: 0", "runs[0].layout.zeor is not a key. ")]
    public void Read_WrongFile_NamesThePlace(string right, string wrong, string problem) =>
        Should.Throw<ConfigException>(() => EvidenceCatalog.Read(_folder.Write("e.yaml", Small.Replace(right, wrong, StringComparison.Ordinal))))
            .Message.ShouldContain(problem);

    [Fact]
    public void Read_IdTwice_IsRefused() =>
        Should.Throw<ConfigException>(() => EvidenceCatalog.Read(_folder.Write("e.yaml", Small + Small[Small.IndexOf("  - id", StringComparison.Ordinal)..])))
            .Message.ShouldContain("runs: the id a occurs 2 times. Each must be its own.");

    /// <summary>What ships is what was collected, to the last digit.</summary>
    [Fact]
    public void Sources_Runs_AreTheRecommendedOnesOfTheCollection()
    {
        var mapper = new CaseMapper(TestServers.Of);
        var shipped = Shipped().SelectMany(s => s.Runs).Where(r => r.IsRecommended).ToDictionary(r => r.Id);
        var collected = CaseFile.Read(TestAssets.Require("published-runs.json")).Where(r => r.IsRecommended).ToList();

        shipped.Keys.ShouldBe(collected.Select(r => r.Id), ignoreOrder: true);
        foreach (var run in collected)
        {
            var (ours, theirs) = (Map(mapper, shipped[run.Id]), Map(mapper, run));
            ours.Layout.ShouldBe(theirs.Layout, run.Id);
            (ours.Workload with { Model = theirs.Workload.Model }).ShouldBe(theirs.Workload, run.Id);
            (ours.Workload.Model with { Name = theirs.Workload.Model.Name }).ShouldBe(theirs.Workload.Model, run.Id);
            ours.Cluster.Network.Tiers.ShouldBe(theirs.Cluster.Network.Tiers, run.Id);
            ours.Cluster.Network.BandwidthPerGpu.ShouldBe(theirs.Cluster.Network.BandwidthPerGpu, run.Id);
            (ours.Run.Measured with { TflopsPerGpu = null, TokensPerSecondPerGpu = null }).ShouldBe(
                theirs.Run.Measured with { TflopsPerGpu = null, TokensPerSecondPerGpu = null }, run.Id);
        }
    }

    [Fact]
    public void Sources_EveryRun_CanBeMapped()
    {
        var mapper = new CaseMapper(TestServers.Of);

        Shipped().SelectMany(s => s.Runs).Select(r => mapper.TryMap(r, out _, out var refusal) ? null : $"{r.Id}: {refusal}")
            .OfType<string>().ShouldBeEmpty();
    }

    private static IReadOnlyList<EvidenceSource> Shipped() => new EvidenceCatalog(PresetFolder.Shipped()).Sources();

    private static MappedCase Map(CaseMapper mapper, Altiplano.Planning.Backtest.PublishedRun run)
    {
        mapper.TryMap(run, out var mapped, out var refusal).ShouldBeTrue(refusal);
        return mapped!;
    }
}
