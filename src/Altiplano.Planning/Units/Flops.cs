namespace Altiplano.Planning.Units;

/// <summary>
/// A number of floating-point operations; a fused multiply-add counts two. Double, since a large run exceeds 2^63.
/// </summary>
public readonly record struct Flops(double Value)
{
    public static Flops operator +(Flops a, Flops b) => new(a.Value + b.Value);

    public static Flops operator *(Flops a, double times) => new(a.Value * times);

    public static FlopsPerSecond operator /(Flops work, TimeSpan time) => new(work.Value / time.TotalSeconds);

    public override string ToString() => QuantityText.WithSiPrefix(Value, "FLOP");
}
