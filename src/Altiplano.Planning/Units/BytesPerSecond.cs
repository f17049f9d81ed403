namespace Altiplano.Planning.Units;

/// <summary>A rate of data, of memory or of a link in one direction. GB/s counts bytes, Gb/s counts bits.</summary>
public readonly record struct BytesPerSecond(double Value)
{
    /// <summary>Reads <c>3.35TB/s</c>, <c>450GB/s</c> or <c>400Gb/s</c>; null when the text is none of these.</summary>
    public static BytesPerSecond? Parse(string text) =>
        QuantityText.Parse(
            text, ("B/s", 1), ("MB/s", 1e6), ("GB/s", 1e9), ("TB/s", 1e12), ("PB/s", 1e15), ("Mb/s", 1e6 / 8), ("Gb/s", 1e9 / 8),
            ("Tb/s", 1e12 / 8)) is { } value
            ? new BytesPerSecond(value)
            : null;

    public static BytesPerSecond operator *(BytesPerSecond a, double times) => new(a.Value * times);

    /// <summary>The shortest text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() =>
        QuantityText.Exact(Value, ("PB/s", 1e15), ("TB/s", 1e12), ("GB/s", 1e9), ("MB/s", 1e6), ("B/s", 1));
}
