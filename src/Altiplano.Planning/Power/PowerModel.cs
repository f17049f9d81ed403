using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Power;

/// <summary>IT and facility power of a run, from what its step costs: closed form, without allocation.</summary>
/// <remarks>
/// A run is charged with its GPUs' share of storage and management; GPUs of the cluster that do not run it draw
/// <see cref="IdleUse"/>.
/// </remarks>
public sealed class PowerModel(ClusterSpec cluster, Precision precision, PowerCoefficients coefficients)
{
    private readonly GpuPowerModel _gpu = new(cluster, precision, coefficients);
    private readonly double _limit = cluster.Gpu.PowerLimit.Value;
    private readonly double _hostIdle = cluster.Server.HostIdlePower.Value / cluster.Server.GpusPerServer;
    private readonly double _hostLoad = cluster.Server.HostLoadPower.Value / cluster.Server.GpusPerServer;
    private readonly double _fans = cluster.Server.FanPower.Value / cluster.Server.GpusPerServer;
    private readonly double _network = cluster.Network.PowerPerGpu.Value;
    private readonly double _storage = cluster.Storage.Power.Value / cluster.NumGpus;
    private readonly double _management = cluster.Facility.OtherItPerGpu.Value;
    private readonly double _distribution = Math.Min(coefficients.Distribution, cluster.Facility.Pue - 1);
    private readonly double _cooling = Math.Max(0, cluster.Facility.Pue - 1 - coefficients.Distribution);

    public PowerModel(ClusterSpec cluster, Precision precision)
        : this(cluster, precision, new PowerCoefficients())
    {
    }

    /// <summary>Of a GPU without work.</summary>
    public PowerUse IdleUse => At(_gpu.Idle, _gpu.Idle, _hostIdle);

    /// <summary>Of a GPU whose run is stopped or starts again: processes load, nothing computes.</summary>
    public PowerUse StoppedUse => At(_gpu.Paused, _gpu.Paused, _hostIdle);

    /// <summary>Of a GPU at its limit with all around it under load: what the power chain has to carry.</summary>
    public PowerUse ProvisionedUse => At(_limit, _limit, _hostLoad);

    /// <param name="gpus">GPUs of the run.</param>
    public StepPower Evaluate(in StepCost cost, long gpus)
    {
        var gpu = _gpu.Evaluate(cost);
        var mean = gpus * It(gpu.Mean, gpu.Mean, _hostLoad);
        var peak = mean + gpus * (gpu.Busy - gpu.Mean);
        var trough = mean + gpus * (gpu.Waiting - gpu.Mean);
        var cooling = _cooling * mean;
        return new StepPower(
            gpu, mean, mean * (1 + _distribution) + cooling, peak * (1 + _distribution) + cooling, trough * (1 + _distribution) + cooling);
    }

    /// <summary>Mean watts of one GPU of a run, by part.</summary>
    public PowerUse MeanUse(in StepCost cost)
    {
        var gpu = _gpu.Evaluate(cost);
        return At(gpu.Mean, gpu.Mean, _hostLoad);
    }

    /// <summary>One GPU while all computes of its run's step go on at once.</summary>
    public PowerUse PeakUse(in StepCost cost)
    {
        var gpu = _gpu.Evaluate(cost);
        return At(gpu.Busy, gpu.Mean, _hostLoad);
    }

    /// <summary>One GPU while all of its run wait in a collective.</summary>
    public PowerUse WaitingUse(in StepCost cost)
    {
        var gpu = _gpu.Evaluate(cost);
        return At(gpu.Waiting, gpu.Mean, _hostLoad);
    }

    /// <summary>One GPU while its run writes a checkpoint that blocks.</summary>
    public PowerUse CheckpointUse(in StepCost cost) => At(_gpu.Paused, _gpu.Evaluate(cost).Mean, _hostLoad);

    /// <param name="gpu">Watts of the GPU at the moment.</param>
    /// <param name="gpuMean">Its mean over minutes, which fans and cooling follow.</param>
    private PowerUse At(double gpu, double gpuMean, double host)
    {
        var it = It(gpu, gpuMean, host);
        return new PowerUse
        {
            Gpu = gpu,
            Host = host,
            Fans = Fans(gpuMean),
            Network = _network,
            Storage = _storage,
            Management = _management,
            Distribution = _distribution * it,
            Cooling = _cooling * It(gpuMean, gpuMean, host),
        };
    }

    private double It(double gpu, double gpuMean, double host) => gpu + host + Fans(gpuMean) + _network + _storage + _management;

    private double Fans(double gpuMean) => _fans * gpuMean / _limit;
}
