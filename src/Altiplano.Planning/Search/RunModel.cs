using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Search;

/// <summary>Time after failures, watts and money of a whole run, from what a step of it costs. Evaluating allocates nothing.</summary>
/// <param name="tokens">Of the whole run, or of the phase.</param>
public sealed class RunModel(ClusterSpec cluster, double tokens)
{
    private const double JoulesPerKwh = 3.6e6;
    private const double SecondsPerHour = 3600;

    // Llama 3's 419 unexpected interruptions in 54 days on 2,048 servers (arXiv:2407.21783 §3.3.4).
    private const double FailuresPerServerSecond = 419 / (54.0 * 86400 * 2048);
    private const double RestartSeconds = 180;
    private const double CheckpointSeconds = 10;

    public RunEconomics Evaluate(long gpus, in StepCost step, double tokensPerStep)
    {
        var goodput = Goodput(gpus);
        var seconds = tokens / tokensPerStep * step.Time.Total / goodput;
        var gpuWatts = GpuWatts(step);
        var itWatts = gpus * (gpuWatts + cluster.Server.HostLoadPower.Value / cluster.Server.GpusPerServer + cluster.Network.PowerPerGpu.Value);
        var facilityWatts = itWatts * cluster.Facility.Pue;
        var joules = facilityWatts * seconds;
        var hourly = gpus * (cluster.Prices.RentalPerGpuHour.Value + cluster.Prices.OperationsPerGpuHour.Value);
        var dollars = hourly * seconds / SecondsPerHour + joules / JoulesPerKwh * cluster.Prices.EnergyPerKwh.Value;
        return new RunEconomics(seconds, goodput, gpuWatts, itWatts, facilityWatts, joules, dollars);
    }

    private double GpuWatts(in StepCost step)
    {
        var gpu = cluster.Gpu;
        var busy = step.Time.Total > 0 ? step.Time.Compute / step.Time.Total : 0;
        return gpu.IdlePower.Value + (gpu.PowerLimit.Value - gpu.IdlePower.Value) * Math.Min(1, 0.3 + 0.7 * busy);
    }

    private double Goodput(long gpus)
    {
        var mean = cluster.Server.GpusPerServer / (gpus * FailuresPerServerSecond);
        var interval = Math.Sqrt(2 * CheckpointSeconds * mean);
        return interval / (mean * Math.Exp(RestartSeconds / mean) * (Math.Exp((interval + CheckpointSeconds) / mean) - 1));
    }
}
