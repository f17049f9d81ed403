using Altiplano.Planning;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>Differences from one process that sums in another order explain.</summary>
/// <param name="GradNorm">Relative.</param>
public sealed record TrialTolerance(double Loss, double GradNorm, double Gradient, double Weight)
{
    /// <remarks>
    /// In fp64 what every layout must keep to; in fp32 about ten times what the grid shows. Weights differ most: AdamW's first updates are
    /// the gradient's sign times the learning rate, also of gradients that are nearly nothing.
    /// </remarks>
    public static TrialTolerance Of(Precision precision) => precision == Precision.Fp64
        ? new TrialTolerance(1e-11, 1e-11, 1e-10, 1e-10)
        : new TrialTolerance(1e-6, 1e-6, 3e-6, 2e-4);

    public bool Allows(TrialDifference difference) =>
        difference.Loss <= Loss && difference.GradNorm <= GradNorm && difference.Gradient <= Gradient && difference.Weight <= Weight;
}
