namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>How far a trial is from the one of a single process.</summary>
/// <param name="Loss">Largest difference of a step's loss, in nats.</param>
/// <param name="GradNorm">Largest relative difference of a step's gradient norm.</param>
/// <param name="Gradient">Largest difference of any gradient's element at any step.</param>
/// <param name="GradientOf">The parameter where that is.</param>
/// <param name="Weight">Largest difference of any weight after the last step.</param>
/// <param name="WeightOf">The parameter where that is.</param>
public sealed record TrialDifference(
    double Loss, double GradNorm, double Gradient, string GradientOf, double Weight, string WeightOf)
{
    public static TrialDifference Between(TrialResult serial, TrialResult other)
    {
        var (gradient, gradientOf) = serial.Gradients.Zip(other.Gradients, Largest).MaxBy(largest => largest.Difference);
        var (weight, weightOf) = Largest(serial.Weights, other.Weights);
        return new TrialDifference(
            serial.Losses.Zip(other.Losses, Distance).Max(),
            serial.GradNorms.Zip(other.GradNorms, (a, b) => Distance(a, b) / a).Max(), gradient, gradientOf, weight, weightOf);
    }

    private static (double Difference, string Name) Largest(
        IReadOnlyDictionary<string, double[]> a, IReadOnlyDictionary<string, double[]> b) =>
        a.Select(tensor => (Difference: tensor.Value.Zip(b[tensor.Key], Distance).Max(), tensor.Key)).MaxBy(largest => largest.Difference);

    /// <summary>Infinite where one is no number, for example because no rank had the element.</summary>
    private static double Distance(double x, double y) => double.IsNaN(x - y) ? double.PositiveInfinity : Math.Abs(x - y);
}
