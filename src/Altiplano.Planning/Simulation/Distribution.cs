namespace Altiplano.Planning.Simulation;

/// <summary>How a figure is spread over seeds.</summary>
/// <param name="StandardError">Of the mean.</param>
public readonly record struct Distribution(double Mean, double P10, double P50, double P90, double StandardError)
{
    /// <summary>Percentiles lie between neighbours in proportion.</summary>
    /// <param name="values">At least one; left as they are.</param>
    public static Distribution Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var mean = sorted.Average();
        var variance = sorted.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, sorted.Length - 1);
        return new Distribution(mean, At(0.1), At(0.5), At(0.9), Math.Sqrt(variance / sorted.Length));

        double At(double share)
        {
            var place = share * (sorted.Length - 1);
            var below = (int)place;
            return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
        }
    }
}
