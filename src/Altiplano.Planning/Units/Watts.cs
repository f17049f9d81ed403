namespace Altiplano.Planning.Units;

/// <summary>Electric power.</summary>
public readonly record struct Watts(double Value)
{
    /// <summary>Reads <c>700W</c>, <c>10.2kW</c> or <c>150MW</c>; null when the text is none of these.</summary>
    public static Watts? Parse(string text) =>
        QuantityText.Parse(text, ("W", 1), ("kW", 1e3), ("MW", 1e6), ("GW", 1e9)) is { } value ? new Watts(value) : null;

    public static Watts operator +(Watts a, Watts b) => new(a.Value + b.Value);

    public static Watts operator *(Watts a, double times) => new(a.Value * times);

    /// <summary>The shortest text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => QuantityText.Exact(Value, ("GW", 1e9), ("MW", 1e6), ("kW", 1e3), ("W", 1));
}
