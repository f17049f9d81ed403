namespace Altiplano.Planning.Units;

/// <summary>A length of time in seconds, from a link's latency to a run of months.</summary>
public readonly record struct Seconds(double Value)
{
    /// <summary>Reads <c>3.6us</c>, <c>25ms</c>, <c>90s</c>, <c>10min</c>, <c>1.8h</c> or <c>54d</c>; null when the text is none of these.</summary>
    public static Seconds? Parse(string text) =>
        QuantityText.Parse(text, ("us", 1e-6), ("ms", 1e-3), ("s", 1), ("min", 60), ("h", 3600), ("d", 86400)) is { } value
            ? new Seconds(value)
            : null;

    public static Seconds operator +(Seconds a, Seconds b) => new(a.Value + b.Value);

    public static Seconds operator *(Seconds a, double times) => new(a.Value * times);

    /// <summary>The shortest text that <see cref="Parse"/> reads back: <c>3.6us</c>, <c>10min</c>.</summary>
    public override string ToString() => QuantityText.Exact(Value, ("d", 86400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3), ("us", 1e-6));
}
