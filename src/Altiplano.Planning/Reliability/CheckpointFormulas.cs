namespace Altiplano.Planning.Reliability;

/// <summary>The published formulas of checkpoint and restart; all times in one unit, the ratios without one.</summary>
/// <remarks>
/// tau: training between two checkpoints; delta: how long one stops training; R: recovery; M: mean time between failures.
/// </remarks>
public static class CheckpointFormulas
{
    /// <summary>Share of the time that trains for good, failures striking while training, saving and recovering alike.</summary>
    /// <remarks>tau / (M e^(R/M) (e^((tau+delta)/M) - 1)). Source: Daly 2006, "A higher order estimate", equation 20.</remarks>
    public static double EffectiveRatio(double m, double r, double delta, double tau) =>
        tau / (m * Math.Exp(r / m) * Expm1((tau + delta) / m));

    /// <summary>e^x - 1 without the cancellation near 0.</summary>
    internal static double Expm1(double x) =>
        Math.Abs(x) < 1e-5 ? x * (1 + (x / 2 * (1 + (x / 3)))) : Math.Exp(x) - 1;
}
