namespace Altiplano.Planning.Campaign;

/// <summary>What a run takes on the GPUs that it asks for.</summary>
/// <param name="Seconds">From its first step to its last, failures counted; its uncertainty is in <paramref name="RelativeSigma"/>.</param>
/// <param name="ItWatts">Mean of the run.</param>
/// <param name="FacilityWatts">Mean of the run, at the meter.</param>
/// <param name="RelativeSigma">Standard deviation of the logarithm of the time.</param>
/// <param name="Evidence">What the time rests on.</param>
/// <param name="Basis">The layout, or where the rate comes from; for a reader.</param>
public sealed record PlannedRun(
    double Seconds, double ItWatts, double FacilityWatts, double RelativeSigma, Evidence Evidence, string Basis);
