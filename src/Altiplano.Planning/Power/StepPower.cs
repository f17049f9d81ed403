namespace Altiplano.Planning.Power;

/// <summary>Watts of a run while it steps, everything around its GPUs included.</summary>
/// <param name="Gpu">Of one GPU.</param>
/// <param name="ItMean">All servers, switches and storage, over a step.</param>
/// <param name="FacilityMean">At the meter, over a step.</param>
/// <param name="FacilityPeak">At the meter while every GPU computes; cooling follows the mean, not the moment.</param>
/// <param name="FacilityTrough">At the meter while every GPU waits in the same collective.</param>
public readonly record struct StepPower(GpuPower Gpu, double ItMean, double FacilityMean, double FacilityPeak, double FacilityTrough)
{
    /// <summary>Between all computing and all waiting, which comes every step.</summary>
    public double Swing => FacilityPeak - FacilityTrough;
}
