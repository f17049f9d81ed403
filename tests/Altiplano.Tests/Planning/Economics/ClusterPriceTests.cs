using Altiplano.Planning.Economics;
using Altiplano.Tests.Planning.Power;

namespace Altiplano.Tests.Planning.Economics;

public sealed class ClusterPriceTests
{
    private const int Gpus = 100_352;
    private static readonly ClusterPrice Price = ClusterPrice.PerGpu(H100Clusters.Of(Gpus), new StoragePrices());

    /// <summary>SemiAnalysis, June 2024: more than 4 B$ of servers and network for 100,000 H100. Ours: 4.9 B$.</summary>
    [Fact]
    public void Machines_HundredThousandH100_AreAboveFourBillion() => (Price.Machines * Gpus).ShouldBeInRange(4e9, 5.5e9);

    /// <summary>Cluster quotes of 2024: 47 to 52 k$ a GPU, about 50 k$. Ours: 48.7 k$, 2.6 % under the middle.</summary>
    [Fact]
    public void Machines_OfOneGpu_AreWithinQuotes() => Price.Machines.ShouldBeInRange(47_000, 52_000);

    [Fact]
    public void Storage_TenTerabytesAGpu_IsByTheTerabyte() => Price.Storage.ShouldBe(1200, 1e-6);

    [Fact]
    public void Building_PowerAtFullLoad_IsByTheMegawatt() => Price.Building.ShouldBe(1176.25 * 10, 100);

    [Fact]
    public void Total_Parts_AddUp() => Price.Total.ShouldBe(Price.Servers + Price.Network + Price.Storage + Price.Building, 1e-9);
}
