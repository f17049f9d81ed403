namespace Altiplano.Planning;

/// <summary>A predicted quantity with its 80 % interval and what it rests on; SI units.</summary>
/// <param name="Value">The most likely value.</param>
/// <param name="Low">One case in ten lies below.</param>
/// <param name="High">One case in ten lies above.</param>
public readonly record struct Figure(double Value, double Low, double High, Evidence Evidence)
{
    private const double TenPercentQuantile = 1.2815515655446004;

    /// <summary>A figure whose logarithm is normally distributed.</summary>
    /// <param name="relativeSigma">Standard deviation of the logarithm: 0.05 is about 5 %.</param>
    public static Figure Around(double value, double relativeSigma, Evidence evidence)
    {
        var factor = Math.Exp(TenPercentQuantile * relativeSigma);
        return new Figure(value, value / factor, value * factor, evidence);
    }

    public static Figure operator *(Figure figure, double factor) =>
        figure with { Value = figure.Value * factor, Low = figure.Low * factor, High = figure.High * factor };

    /// <summary>The weaker of two grades of evidence.</summary>
    public static Evidence Weaker(Evidence a, Evidence b) => a > b ? a : b;
}
