using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Economics;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Power;
using Altiplano.Tests.Planning.Power;

namespace Altiplano.Tests.Cli.Campaigns;

/// <summary>Power and price of the clusters that ship, against what is published of their like.</summary>
public sealed class ShippedClusterPowerTests
{
    private static ClusterSpec Cluster(string name) => new HardwareCatalog(PresetFolder.Shipped()).Cluster(name);

    private static PowerModel Model(ClusterSpec cluster) => new(cluster, Precision.Bf16);

    /// <summary>100,000 H100: 1.0 to 1.4 kW of IT a GPU, 120 to 180 MW at the meter.</summary>
    [Fact]
    public void Mean_HundredThousandH100_IsInsidePublishedRange()
    {
        var cluster = Cluster("h100-100k");

        var power = Model(cluster).Evaluate(H100Clusters.Step(400e12, 0.8, 0.05), cluster.NumGpus);

        (power.ItMean / cluster.NumGpus).ShouldBeInRange(1000, 1400);
        power.FacilityMean.ShouldBeInRange(120e6, 180e6);
    }

    /// <summary>SemiAnalysis, xAI's Colossus and Llama 4's cluster: about 150 MW reserved for 100,000 H100.</summary>
    [Fact]
    public void Provisioned_HundredThousandH100_IsNearOneHundredAndFiftyMegawatts()
    {
        var cluster = Cluster("h100-100k");

        (Model(cluster).ProvisionedUse.Facility * cluster.NumGpus).ShouldBe(150e6, 15e6);
    }

    /// <summary>Llama 3 405B, Table 4: 16,384 of the cluster's GPUs. Below the 30 MW of El Capitan, whose machines are as many as its own.</summary>
    [Fact]
    public void Mean_Llama3OnSixteenThousand_IsBelowElCapitan() =>
        Model(Cluster("meta-24k-h100-roce")).Evaluate(H100Clusters.Step(400e12, 0.8, 0.05), 16_384).FacilityMean.ShouldBeInRange(15e6, 25e6);

    /// <summary>Alibaba's building: 18 MW for about 15,000 GPUs, 1.2 kW each (SIGCOMM 2024).</summary>
    [Fact]
    public void Provisioned_OneGpu_IsNearAlibabasBuilding() => Model(Cluster("meta-24k-h100-roce")).ProvisionedUse.Facility.ShouldBe(1200, 250);

    [Theory]
    [InlineData("h100-100k")]
    [InlineData("meta-24k-h100-roce")]
    [InlineData("meta-24k-h100-ib")]
    [InlineData("h100-350k-fleet")]
    public void Provisioned_ShippedCluster_FitsItsSite(string name)
    {
        var cluster = Cluster(name);

        (Model(cluster).ProvisionedUse.Facility * cluster.NumGpus).ShouldBeLessThan(cluster.Facility.Capacity.Value);
    }

    /// <summary>SemiAnalysis: more than 4 B$ of servers and network for 100,000 H100. Its prices of 2025 are below those of 2024.</summary>
    [Fact]
    public void Machines_HundredThousandH100_AreAboutFourBillion()
    {
        var cluster = Cluster("h100-100k");

        (ClusterPrice.PerGpu(cluster, new StoragePrices()).Machines * cluster.NumGpus).ShouldBeInRange(3.8e9, 5.5e9);
    }

    /// <summary>To build and write off an H100: about 1.40 $/h.</summary>
    [Fact]
    public void Owned_HourOfAnH100_IsNearPublished()
    {
        var cluster = Cluster("h100-100k");
        var facility = Model(cluster).MeanUse(H100Clusters.Step(400e12, 0.8)).Facility;

        new MoneyModel(cluster).PerGpuHour(facility).Owned.ShouldBe(1.40, 0.25);
    }
}
