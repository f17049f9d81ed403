namespace Altiplano.Planning.Units;

/// <summary>A rate of floating-point operations, reached or at most reachable.</summary>
public readonly record struct FlopsPerSecond(double Value)
{
    public double Tera => Value / 1e12;

    /// <summary>The share of <paramref name="peak"/> that is reached, 1 being all of it.</summary>
    public static double operator /(FlopsPerSecond reached, FlopsPerSecond peak) => reached.Value / peak.Value;

    /// <summary>Reads <c>989.4TFLOP/s</c> or <c>2.25PFLOP/s</c>; null when the text is none of these.</summary>
    public static FlopsPerSecond? Parse(string text) =>
        QuantityText.Parse(text, ("FLOP/s", 1), ("GFLOP/s", 1e9), ("TFLOP/s", 1e12), ("PFLOP/s", 1e15), ("EFLOP/s", 1e18)) is { } value
            ? new FlopsPerSecond(value)
            : null;

    /// <summary>The shortest text that <see cref="Parse"/> reads back.</summary>
    public string ToExactText() =>
        QuantityText.Exact(Value, ("EFLOP/s", 1e18), ("PFLOP/s", 1e15), ("TFLOP/s", 1e12), ("GFLOP/s", 1e9), ("FLOP/s", 1));

    public override string ToString() => QuantityText.WithSiPrefix(Value, "FLOP/s");
}
