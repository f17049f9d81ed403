namespace Altiplano.Planning.Search;

/// <summary>What a run of one layout takes, failures counted; SI units.</summary>
/// <param name="Seconds">From the first step to the last.</param>
/// <param name="Goodput">Share of that time that trains for good.</param>
/// <param name="GpuHours">Of the GPUs that train; energy and money count spares too.</param>
/// <param name="GpuWatts">One GPU, mean over a step.</param>
/// <param name="ItWatts">Servers, network and storage while the run steps.</param>
/// <param name="FacilityWatts">At the meter while the run steps.</param>
/// <param name="Joules">At the meter, over the run.</param>
/// <param name="Dollars">Of the whole run.</param>
public readonly record struct RunEconomics(
    double Seconds, double Goodput, double GpuHours, double GpuWatts, double ItWatts, double FacilityWatts, double Joules, double Dollars)
{
    public double Of(Objective objective) => objective switch
    {
        Objective.Time => Seconds,
        Objective.Cost => Dollars,
        _ => Joules,
    };
}
