using Altiplano.Planning.Economics;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Campaign;

/// <summary>A campaign in time, with what it draws, costs and leaves idle.</summary>
public sealed record CampaignPlan
{
    private const double SecondsPerHour = 3600;
    private const double WattHoursPerKwh = 1000;
    private const double GramsPerTonne = 1e6;

    public required CampaignSpec Campaign { get; init; }

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<ScheduledRun> Runs { get; init; }

    /// <summary>From the campaign's begin to its end, without gaps.</summary>
    public required IReadOnlyList<FleetInterval> Intervals { get; init; }

    /// <summary>Of GPUs that no run holds.</summary>
    public required RunEnergy IdleEnergy { get; init; }
    public required RunMoney IdleMoney { get; init; }

    /// <summary>Seconds from the first start to the last end.</summary>
    public double Seconds => Intervals.Count > 0 ? Intervals[^1].End : 0;

    public double GpuHours => Runs.Sum(run => run.GpuHours);

    /// <summary>Part of the fleet's GPU-hours that runs hold.</summary>
    public double Utilisation => Seconds > 0 ? GpuHours / (Campaign.Fleet.NumGpus * Seconds / SecondsPerHour) : 0;

    public RunEnergy RunEnergy => Runs.Aggregate(new RunEnergy(), (sum, run) => sum + run.Energy);

    public RunMoney RunMoney => Runs.Aggregate(new RunMoney(), (sum, run) => sum + run.Money);

    public double PeakWatts => Intervals.Select(interval => interval.Watts).DefaultIfEmpty(0).Max();

    /// <summary>
    /// CO2 equivalent as model cards count it: GPU-hours at the GPU's power limit, nothing around it, by the same grid.
    /// </summary>
    public double ModelCardTonnes(double gpuHours) =>
        gpuHours * Campaign.Fleet.Gpu.PowerLimit.Value / WattHoursPerKwh * Campaign.Fleet.Facility.GridCarbon / GramsPerTonne;
}
