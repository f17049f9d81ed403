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

    /// <summary>The same to first order; below 0 where failures are frequent, which is why nothing here rests on it.</summary>
    /// <remarks>1 - (R + tau/2) / M - delta / tau. Source: Kokolis et al. 2024 (arXiv 2410.21680).</remarks>
    public static double FirstOrderRatio(double m, double r, double delta, double tau) => 1 - ((r + tau / 2) / m) - (delta / tau);

    /// <summary>Young's interval: sqrt(2 delta M). Source: Young 1974.</summary>
    public static double YoungInterval(double m, double delta) => Math.Sqrt(2 * delta * m);

    /// <summary>Daly's interval, within a percent of the best where delta is below M / 2. Source: Daly 2006, equation 37.</summary>
    public static double DalyInterval(double m, double delta)
    {
        if (delta >= 2 * m)
            return m;
        var root = Math.Sqrt(delta / (2 * m));
        return (YoungInterval(m, delta) * (1 + (root / 3) + (root * root / 9))) - delta;
    }

    /// <summary>e^x - 1 without the cancellation near 0.</summary>
    internal static double Expm1(double x) =>
        Math.Abs(x) < 1e-5 ? x * (1 + (x / 2 * (1 + (x / 3)))) : Math.Exp(x) - 1;
}
