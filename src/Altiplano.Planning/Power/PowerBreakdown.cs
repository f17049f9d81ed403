using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Power;

/// <summary>Power of a GPU and its surroundings part by part, each with its interval and evidence: for layouts that are shown.</summary>
public sealed record PowerBreakdown
{
    /// <summary>Standard deviations of the logarithm of each part; judged, since one cluster alone is measured.</summary>
    private const double GpuSigma = 0.05, HostSigma = 0.08, FanSigma = 0.25, NetworkSigma = 0.2, StorageSigma = 0.4,
        ManagementSigma = 0.5, OverheadSigma = 0.3;

    /// <summary>The first parts are IT, the last two the building's.</summary>
    private const int NumItParts = 6;

    public required long Gpus { get; init; }
    public required IReadOnlyList<PowerPart> Parts { get; init; }

    /// <summary>Watts of all servers, switches and storage.</summary>
    public Figure It => Sum(Parts.Take(NumItParts));

    /// <summary>Watts at the meter.</summary>
    public Figure Facility => Sum(Parts);

    /// <summary>The mean power of a step by part.</summary>
    /// <param name="use">As <see cref="PowerModel.MeanUse"/> or another state gives it.</param>
    public static PowerBreakdown Of(ClusterSpec cluster, in PowerUse use, long gpus)
    {
        var (server, facility) = (cluster.Server.Evidence, cluster.Evidence);
        return new PowerBreakdown
        {
            Gpus = gpus,
            Parts =
            [
                new("gpu", Figure.Around(use.Gpu, GpuSigma, Evidence.Interpolated),
                    "rate of products and traffic over the sustained rates; level fixed by the server power of MLPerf v4.0 on 512 H100"),
                new("host", Figure.Around(use.Host, HostSigma, Grade(server, "host_load_power")),
                    "processors, memory, NVLink switches, NICs, drives, power supplies"),
                new("fans", Figure.Around(use.Fans, FanSigma, Grade(server, "fan_power")), "full load scaled by the GPUs' draw; 0 when immersed"),
                new("network", Figure.Around(use.Network, NetworkSigma, Grade(facility, "network.tiers.switch_power_per_gpu")),
                    "switches and optics of every tier"),
                new("storage", Figure.Around(use.Storage, StorageSigma, Grade(facility, "storage.power")), "storage servers shared by all GPUs"),
                new("management", Figure.Around(use.Management, ManagementSigma, Grade(facility, "facility.other_it_per_gpu")),
                    "management and login servers"),
                new("distribution", Figure.Around(use.Distribution, OverheadSigma, Evidence.Assumed), "transformers, UPS and busbars, 4 % of IT"),
                new("cooling", Figure.Around(use.Cooling, OverheadSigma, Grade(facility, "facility.pue")), "the rest of the yearly PUE"),
            ],
        };
    }

    private static Evidence Grade(IReadOnlyDictionary<string, Evidence> grades, string key) => grades.GetValueOrDefault(key, Evidence.DataSheet);

    /// <remarks>Parts err independently: the widths add in quadrature.</remarks>
    private Figure Sum(IEnumerable<PowerPart> parts)
    {
        var (value, low, high, evidence) = (0.0, 0.0, 0.0, Evidence.Measured);
        foreach (var figure in parts.Select(p => p.WattsPerGpu).Where(f => f.Value > 0))
        {
            value += figure.Value;
            low += Math.Pow(figure.Value - figure.Low, 2);
            high += Math.Pow(figure.High - figure.Value, 2);
            evidence = Figure.Weaker(evidence, figure.Evidence);
        }

        return new Figure(value, value - Math.Sqrt(low), value + Math.Sqrt(high), evidence) * Gpus;
    }
}
