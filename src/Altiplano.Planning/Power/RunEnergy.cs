using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Power;

/// <summary>What a run takes from the grid.</summary>
/// <param name="ItKwh">Of its servers, switches and share of storage.</param>
/// <param name="FacilityKwh">At the meter.</param>
/// <param name="CarbonTonnes">CO2 equivalent of the facility's energy, by the grid's location.</param>
public readonly record struct RunEnergy(double ItKwh, double FacilityKwh, double CarbonTonnes)
{
    private const double JoulesPerKwh = 3.6e6;
    private const double GramsPerTonne = 1e6;

    /// <summary>Facility over IT energy.</summary>
    public double Pue => ItKwh > 0 ? FacilityKwh / ItKwh : 1;

    /// <summary>Energy of a run of some length whose GPUs step for a part of it and stand still for the rest.</summary>
    /// <param name="seconds">Wall time, failures and restarts included.</param>
    /// <param name="steppingShare">Part of the wall time in which the run steps, lost steps included; the rest is stopped.</param>
    public static RunEnergy Of(ClusterSpec cluster, in StepPower step, in PowerUse stopped, long gpus, double seconds, double steppingShare)
    {
        var idle = 1 - steppingShare;
        var it = seconds * (steppingShare * step.ItMean + idle * stopped.It * gpus);
        var facility = seconds * (steppingShare * step.FacilityMean + idle * stopped.Facility * gpus);
        return OfJoules(it, facility, cluster.Facility);
    }

    public static RunEnergy OfJoules(double it, double facility, FacilitySpec site) =>
        new(it / JoulesPerKwh, facility / JoulesPerKwh, Carbon(facility / JoulesPerKwh, site));

    public static RunEnergy operator +(RunEnergy a, RunEnergy b) =>
        new(a.ItKwh + b.ItKwh, a.FacilityKwh + b.FacilityKwh, a.CarbonTonnes + b.CarbonTonnes);

    private static double Carbon(double kwh, FacilitySpec site) => kwh * site.GridCarbon / GramsPerTonne;
}
