using Altiplano.Planning.Hardware;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Economics;

/// <summary>What it takes to buy a cluster, in dollars for each GPU.</summary>
/// <param name="Building">Building and power chain for the IT power at full load.</param>
public readonly record struct ClusterPrice(double Servers, double Network, double Storage, double Building)
{
    private const double BytesPerTerabyte = 1e12;
    private const double WattsPerMegawatt = 1e6;

    /// <summary>What stands in the racks; published prices of clusters mean this.</summary>
    public double Machines => Servers + Network + Storage;

    public double Total => Machines + Building;

    public static ClusterPrice PerGpu(ClusterSpec cluster, StoragePrices storage)
    {
        var it = new PowerModel(cluster, Precision.Bf16).ProvisionedUse.It;
        return new ClusterPrice(
            cluster.Server.Price.Value / cluster.Server.GpusPerServer,
            cluster.Network.PricePerGpu.Value,
            cluster.Storage.Capacity.Value / BytesPerTerabyte * storage.DollarsPerTerabyte / cluster.NumGpus,
            cluster.Prices.FacilityPerMw.Value * it / WattsPerMegawatt);
    }
}
