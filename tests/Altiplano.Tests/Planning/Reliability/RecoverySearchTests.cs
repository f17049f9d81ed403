using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class RecoverySearchTests
{
    private static RecoveryPolicy Disk { get; } = ReliabilityCases.Restarting(Seconds.FromMinutes(10), new Seconds(60));

    /// <summary>Where most failures take a server, the memory of the same servers helps little, and its disk copy is old.</summary>
    [Fact]
    public void Rank_LargeRun_PutsDroppingFirstAndMemoryLast() =>
        RecoverySearch.Rank(
            ReliabilityCases.Uniform(6.5, 0.78), [Disk, ReliabilityCases.Memory, ReliabilityCases.Peer, ReliabilityCases.Dropping],
            new RunScale(43_750, 8, 64, 5)).Select(choice => choice.Policy.Name).ShouldBe(["dropping", "peer", "restart", "memory"]);

    [Fact]
    public void Against_RunnerUp_NamesTheLossThatDecides()
    {
        var ranking = RecoverySearch.Rank(
            ReliabilityCases.Uniform(6.5, 0.78), [Disk, ReliabilityCases.Peer], new RunScale(43_750, 8, 64, 5));

        ranking[0].Against(ranking[1]).ShouldBe(
            "peer is put before restart, 36.1 % against 6.8 % for each server, spares counted: restart loses 38.6 % more of the time to recovery.");
    }

    [Fact]
    public void Rank_OneReplica_DropsNone() =>
        RecoverySearch.Rank(ReliabilityCases.Mixed, [Disk, ReliabilityCases.Dropping], new RunScale(1000, 8, 1, 5)).ShouldHaveSingleItem()
            .Policy.Name.ShouldBe("restart");

    [Theory]
    [InlineData(60, "peer trains 50.7 % of the time with a checkpoint every 1.00min, and 147 spares; " +
        "a failure comes every 8.23min, and most is lost to recovery, 34.7 %.")]
    [InlineData(300, "peer trains 25.4 % of the time with a checkpoint every 5.00min, as short as the background write allows, and 147 spares; " +
        "a failure comes every 8.23min, and most is lost to lost work, 39.5 %.")]
    public void Best_Explanation_SaysWhatBinds(double write, string text) =>
        RecoverySearch.Best(
            ReliabilityCases.Mixed, ReliabilityCases.Peer with { CheckpointWrite = new Seconds(write) }, new RunScale(43_750, 8, 64, 5))
            .ToString().ShouldBe(text);
}
