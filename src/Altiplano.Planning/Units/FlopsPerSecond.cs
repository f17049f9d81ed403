namespace Altiplano.Planning.Units;

/// <summary>A rate of floating-point operations, reached or at most reachable.</summary>
public readonly record struct FlopsPerSecond(double Value)
{
    public double Tera => Value / 1e12;

    /// <summary>The share of <paramref name="peak"/> that is reached, 1 being all of it.</summary>
    public static double operator /(FlopsPerSecond reached, FlopsPerSecond peak) => reached.Value / peak.Value;

    public override string ToString() => QuantityText.WithSiPrefix(Value, "FLOP/s");
}
