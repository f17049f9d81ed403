using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class ReliabilityCatalogTests : IDisposable
{
    private const string Whole = """
        sources: [a]
        rates:
          gpu: {rate: 2/1000 server-days}
        recovery: {source: disk, detection: 10s, restart: 5min, checkpoint_blocking: 2s, repair: 2d}
        """;

    private readonly TempFolder _folder = new();
    private readonly ReliabilityCatalog _catalog = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EveryShippedPreset_HasSourcesAndNoProblem()
    {
        foreach (var name in _catalog.Names)
        {
            var preset = _catalog.Read(name);
            preset.Sources.ShouldNotBeEmpty();
            (preset.Rates?.FindProblems("rates") ?? []).ShouldBeEmpty();
            (preset.Recovery?.FindProblems("recovery") ?? []).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Names_Shipped_AreThese() => _catalog.Names.ShouldBe(
        ["disk-restart", "ft-hsdp", "llama3-2024", "memory-restart", "peer-restart", "rsc-1", "rsc-2"]);

    /// <summary>Table 5 of the paper sums to 419.</summary>
    [Fact]
    public void Read_Llama3_HasAllOfItsTable()
    {
        var rates = _catalog.Read("llama3-2024").Rates!;

        rates.Components.Sum(component => component.Rate.Count).ShouldBe(419);
        rates.Components.ShouldAllBe(component => component.Rate.Over == 54 * 2048);
    }

    [Fact]
    public void Read_File_IsNamedAfterIt()
    {
        var preset = _catalog.Read(_folder.Write("mine.yaml", Whole + "\nstragglers: {rate: 0.3/1000 server-days, slowdown: 0.1, removal: 1h}"));

        preset.Rates!.Name.ShouldBe("mine");
        preset.Rates.Components.ShouldHaveSingleItem().Rate.ShouldBe(FailureRate.PerThousandServerDays(2));
        preset.Recovery!.Restart.ShouldBe(Seconds.FromMinutes(5));
        preset.Recovery.Name.ShouldBe("mine");
        preset.Stragglers!.Removal.ShouldBe(Seconds.FromHours(1));
    }

    [Theory]
    [InlineData("2/1000 server-days", "2", "rates.gpu.rate is 2, which has no unit. Write 2/1000 server-days or 2/gpu-day.")]
    [InlineData("2/1000 server-days", "-2/1000 server-days", "rates.gpu.rate is -2/1000 server-days, but a rate cannot be negative. The least is 0/1000 server-days.")]
    [InlineData("2/1000 server-days", "two", "rates.gpu.rate is \"two\", but it must be failures over what was watched, such as 6.5/1000 server-days or 0.0004/gpu-day.")]
    [InlineData("5min", "5", "recovery.restart is 5, which has no unit. Write 5s or 5min.")]
    [InlineData("5min", "-5min", "recovery.restart is -5min, but a time cannot be negative. The least is 0s.")]
    [InlineData("5min", "5m", "recovery.restart is \"5m\", but it must be a time with its unit such as 20ms, 90s, 10min, 1.8h or 54d.")]
    [InlineData("2d", "0s", "recovery.repair is 0s, but a lost server takes a while. Write 2h, or 3d where parts are exchanged.")]
    [InlineData("gpu:", "gqu:", "rates.gqu is not a key. Did you mean gpu?")]
    [InlineData("source: disk", "source: tape", "recovery.source is \"tape\", but it must be one of disk, memory, peer.")]
    [InlineData("server-days}", "server-days, server_loss_share: 2}", "rates.gpu.server_loss_share is \"2\", but it must be a share from 0 to 1.")]
    [InlineData("detection: 10s, ", "", "recovery.detection is missing. It is required.")]
    public void Read_OneMistake_SaysWhereAndWhatInstead(string part, string replacement, string problem) =>
        Problems(Whole.Replace(part, replacement)).ShouldHaveSingleItem().ShouldEndWith(": " + problem);

    [Fact]
    public void Read_ManyMistakes_ListsAll()
    {
        var problems = Problems(Whole.Replace("2/1000 server-days", "-1/gpu-day").Replace("5min", "5").Replace("10s", "-10s"));

        problems.ShouldBe(
            [
                $"{_folder["mine.yaml"]}:3:15: rates.gpu.rate is -1/gpu-day, but a rate cannot be negative. The least is 0/gpu-day.",
                $"{_folder["mine.yaml"]}:4:37: recovery.detection is -10s, but a time cannot be negative. The least is 0s.",
                $"{_folder["mine.yaml"]}:4:52: recovery.restart is 5, which has no unit. Write 5s or 5min.",
            ]);
    }

    [Fact]
    public void Read_NeitherRatesNorRecovery_AsksForOne() =>
        Problems("sources: [a]").ShouldBe([$"{_folder["mine.yaml"]}:1:1: The file has neither rates nor recovery. Give at least one."]);

    [Fact]
    public void Read_NoRateInRates_AsksForOne() =>
        Problems("sources: [a]\nrates: {}").ShouldBe([$"{_folder["mine.yaml"]}:2:8: rates has no component, " +
            "but a run without failures is no prediction. Add unattributed: {rate: 6.5/1000 server-days}."]);

    [Fact]
    public void Read_UnknownName_NamesTheNearest() =>
        Should.Throw<ConfigException>(() => _catalog.Read("rsc1")).Problems.ShouldBe(["reliability is \"rsc1\", which is neither a preset nor a file. Did you mean rsc-1?"]);

    private IReadOnlyList<string> Problems(string yaml) =>
        Should.Throw<ConfigException>(() => _catalog.Read(_folder.Write("mine.yaml", yaml))).Problems;
}
