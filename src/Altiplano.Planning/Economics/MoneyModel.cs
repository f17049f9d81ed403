using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Economics;

/// <summary>What GPU-hours and tokens cost on a cluster: closed form, without allocation.</summary>
/// <remarks>Straight write-off over every hour of its years; a cluster that stands idle costs its owner more for each used hour.</remarks>
public sealed class MoneyModel
{
    private const double HoursPerYear = 8766;
    private const double TokensPerMillion = 1e6;
    private const double WattsPerKilowatt = 1000;
    private readonly PriceSpec _prices;
    private readonly double _machines;
    private readonly double _building;

    public MoneyModel(ClusterSpec cluster, StoragePrices storage)
    {
        _prices = cluster.Prices;
        ClusterPrice = ClusterPrice.PerGpu(cluster, storage);
        _machines = ClusterPrice.Machines / (_prices.AmortisationYears * HoursPerYear);
        _building = ClusterPrice.Building / (_prices.FacilityYears * HoursPerYear);
    }

    public MoneyModel(ClusterSpec cluster)
        : this(cluster, new StoragePrices())
    {
    }

    /// <summary>Dollars for each GPU.</summary>
    public ClusterPrice ClusterPrice { get; }

    /// <param name="facilityWattsPerGpu">Mean draw at the meter, for one GPU.</param>
    public HourPrice PerGpuHour(double facilityWattsPerGpu) => new(
        _machines, _building, facilityWattsPerGpu / WattsPerKilowatt * _prices.EnergyPerKwh.Value, _prices.OperationsPerGpuHour.Value,
        _prices.RentalPerGpuHour.Value);

    /// <param name="facilityKwh">Energy at the meter.</param>
    public RunMoney OfRun(double gpuHours, double facilityKwh) => new(
        gpuHours * _machines, gpuHours * _building, facilityKwh * _prices.EnergyPerKwh.Value,
        gpuHours * _prices.OperationsPerGpuHour.Value, gpuHours * _prices.RentalPerGpuHour.Value);

    /// <summary>Dollars for a million tokens.</summary>
    /// <param name="dollarsPerGpuHour">Owned or rented.</param>
    /// <param name="tokensPerSecondPerGpu">After failures.</param>
    public static double PerMillionTokens(double dollarsPerGpuHour, double tokensPerSecondPerGpu) =>
        dollarsPerGpuHour / (tokensPerSecondPerGpu * 3600) * TokensPerMillion;
}
