using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Search;

namespace Altiplano.Tests.Planning.Costs;

public sealed class CollectiveTimingTests
{
    private const double Payload = 1e9;

    // Efficiencies 1; hops of 1 + 2.5 us inside and 5 + 3 or 5 + 6 us between servers, as the samples have them.
    private static readonly TimeCoefficients Ideal = TimeSamples.Coefficients with
    {
        NvlinkEfficiency = 1,
        NetworkEfficiency = 1,
        NetworkHop = new Seconds(5e-6),
    };

    private static readonly CollectiveTiming Collectives = new(TimeSamples.Cluster(), Ideal);

    [Fact]
    public void AllReduce_RingInsideAServer_IsTwiceSevenEighthsOfThePayloadAndFourteenHops() =>
        Collectives.AllReduce(Payload, RankGroup.Of(8, 1, 8)).ShouldBe(2 * 7.0 / 8 * Payload / 450e9 + 14 * 3.5e-6, 1e-12);

    [Fact]
    public void AllGather_OneRankAServer_HasItsOwnNicAndTheHopsOfTheHighestTier() =>
        Collectives.AllGather(Payload, RankGroup.Of(4, 8, 8)).ShouldBe(3.0 / 4 * Payload / 50e9 + 4 * 11e-6, 1e-12);

    [Fact]
    public void AllGather_EightRanksAServer_ShareThePayloadOverEightNics() =>
        Collectives.AllGather(Payload, RankGroup.Of(16, 1, 8))
            .ShouldBe(Math.Max(15.0 / 16 * Payload / 450e9, Payload / 2 / (8 * 50e9)) + 2 * 8e-6 + 14 * 3.5e-6, 1e-12);

    [Fact]
    public void AllReduce_ManyServers_GoesThroughATree()
    {
        var group = RankGroup.Of(1024, 8, 8);

        Collectives.AllReduce(8, group).ShouldBe(2 * 10 * 4 * 11e-6, 1e-8);
    }

    [Fact]
    public void AllReduce_NvlinkReduction_IsFaster()
    {
        var cluster = TimeSamples.Cluster();
        var switched = new CollectiveTiming(cluster with { Server = cluster.Server with { HasNvlinkReduction = true } }, Ideal);

        switched.AllReduce(Payload, RankGroup.Of(8, 1, 8)).ShouldBeLessThan(Collectives.AllReduce(Payload, RankGroup.Of(8, 1, 8)));
    }

    [Fact]
    public void AllToAll_TwoCopiesToTwoServers_CrossOncePerServer()
    {
        // 1 - (1/2)^2 of the rows want each server; half of the servers are elsewhere.
        var expected = Payload * 2 * 0.75 / 2 / 50e9 + Math.Sqrt(2) * 8e-6;

        Collectives.AllToAll(Payload, 2, RankGroup.Of(2, 8, 8)).ShouldBe(expected, 1e-12);
    }

    [Fact]
    public void AnyCollective_OfOneRank_TakesNoTime()
    {
        var alone = RankGroup.Of(1, 8, 8);

        (Collectives.AllGather(Payload, alone) + Collectives.AllReduce(Payload, alone) + Collectives.AllToAll(Payload, 2, alone)
            + Collectives.SendReceive(Payload, alone)).ShouldBe(0);
    }

    [Fact]
    public void Oversubscription_SlowsExchangesWithAll_NotRingsWithManyServersBelow()
    {
        var thin = new CollectiveTiming(TimeSamples.Cluster(oversubscription: 2), Ideal);
        var group = RankGroup.Of(512, 1, 8);

        thin.AllGather(Payload, group).ShouldBe(Collectives.AllGather(Payload, group), 1e-12);
        thin.AllToAll(Payload, 1, group).ShouldBeGreaterThan(1.5 * Collectives.AllToAll(Payload, 1, group));
    }

    [Theory]
    [InlineData(8, 1, 8, 1)]
    [InlineData(16, 1, 8, 2)]
    [InlineData(16, 4, 2, 8)]
    [InlineData(16, 8, 1, 16)]
    [InlineData(3, 64, 1, 3)]
    public void RankGroup_BySizeAndStride_KnowsHowManyShareAServer(int size, long stride, int perServer, int servers)
    {
        var group = RankGroup.Of(size, stride, 8);

        group.PerServer.ShouldBe(perServer);
        group.Servers.ShouldBe(servers);
    }

    [Fact]
    public void AllGatherBytes_AcrossServers_CountsBothLinks() =>
        CollectiveTiming.AllGatherBytes(Payload, RankGroup.Of(16, 1, 8)).ShouldBe((15.0 / 16 * Payload, Payload / 2 / 8));
}
