using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Power;

/// <summary>What a GPU draws in a step, from what it does in it: closed form, without allocation.</summary>
/// <remarks>
/// P = P_idle + (P_limit - P_idle) · min(1, active + matrix · u_tc + memory · u_hbm + links · u_link) while it computes, where
/// u_tc is the rate over the sustained one and the others are over their bandwidths.
/// </remarks>
public sealed class GpuPowerModel(ClusterSpec cluster, Precision precision, PowerCoefficients coefficients)
{
    private readonly double _idle = cluster.Gpu.IdlePower.Value;
    private readonly double _range = cluster.Gpu.PowerLimit.Value - cluster.Gpu.IdlePower.Value;
    private readonly double _sustained = SustainedRate(cluster.Gpu, precision, coefficients);
    private readonly double _memoryBandwidth = cluster.Gpu.MemoryBandwidth.Value;
    private readonly double _nvlink = cluster.Server.NvlinkBandwidth.Value;
    private readonly double _network = cluster.Network.BandwidthPerGpu.Value;

    public double Idle => _idle;

    /// <summary>While the process lives and computes nothing.</summary>
    public double Paused => At(coefficients.Paused);

    /// <summary>The rate of matrix products at which the GPU meets its power limit.</summary>
    public double SustainedFlops => _sustained;

    public GpuPower Evaluate(in StepCost cost)
    {
        var time = cost.Time;
        var total = time.Total;
        if (!(total > 0))
            return new GpuPower(_idle, _idle, _idle, 0);
        var busyTime = time.Compute - time.Launch + time.Optimizer;
        var links = coefficients.Links * LinkUse(cost, total);
        var busy = busyTime > 0 ? At(coefficients.Active + links + ComputeShare(cost, busyTime)) : _idle;
        var waiting = At(coefficients.Waiting + links);
        var share = busyTime / total;
        return new GpuPower(busy, waiting, share * busy + (1 - share) * waiting, share);
    }

    private static double SustainedRate(GpuSpec gpu, Precision precision, PowerCoefficients coefficients)
    {
        var isFp8 = precision == Precision.Fp8 && gpu.PeakFp8 is not null;
        var cap = Math.Pow(gpu.PowerLimit.Value / gpu.RatedPower.Value, coefficients.ClockExponent);
        return gpu.Peak(precision).Value * (isFp8 ? coefficients.SustainedFp8 : coefficients.SustainedBf16) * Math.Min(1, cap);
    }

    private double ComputeShare(in StepCost cost, double busyTime) =>
        coefficients.Matrix * Math.Min(1, cost.MatrixFlopsPerGpu / (busyTime * _sustained)) +
        coefficients.Memory * Math.Min(1, cost.MemoryTrafficPerGpu / (busyTime * _memoryBandwidth));

    private double LinkUse(in StepCost cost, double total)
    {
        var nvlink = _nvlink > 0 ? cost.NvlinkBytesPerGpu / (total * _nvlink) : 0;
        var network = _network > 0 ? cost.NetworkBytesPerGpu / (total * _network) : 0;
        return Math.Min(1, nvlink + network);
    }

    private double At(double share) => _idle + _range * Math.Min(1, share);
}
