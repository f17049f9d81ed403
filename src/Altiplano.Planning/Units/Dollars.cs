namespace Altiplano.Planning.Units;

/// <summary>Money, in United States dollars.</summary>
public readonly record struct Dollars(double Value)
{
    /// <summary>Reads <c>2.35$</c>, <c>250k$</c>, <c>4.1M$</c> or <c>38B$</c>; null when the text is none of these.</summary>
    public static Dollars? Parse(string text) =>
        QuantityText.Parse(text, ("$", 1), ("k$", 1e3), ("M$", 1e6), ("B$", 1e9)) is { } value ? new Dollars(value) : null;

    public static Dollars operator +(Dollars a, Dollars b) => new(a.Value + b.Value);

    public static Dollars operator *(Dollars a, double times) => new(a.Value * times);

    /// <summary>The shortest text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => QuantityText.Exact(Value, ("B$", 1e9), ("M$", 1e6), ("k$", 1e3), ("$", 1));
}
