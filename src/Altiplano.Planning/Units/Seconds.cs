using System.Globalization;

namespace Altiplano.Planning.Units;

/// <summary>A length of time. Double, since a run's figures go from microseconds to years.</summary>
public readonly record struct Seconds(double Value) : IComparable<Seconds>
{
    public const double PerMinute = 60;
    public const double PerHour = 3600;
    public const double PerDay = 86_400;

    private static readonly (string Suffix, double Factor)[] Units =
        [("d", PerDay), ("h", PerHour), ("min", PerMinute), ("s", 1), ("ms", 1e-3), ("us", 1e-6)];

    public double Minutes => Value / PerMinute;

    public double Hours => Value / PerHour;

    public double Days => Value / PerDay;

    public static Seconds FromMinutes(double minutes) => new(minutes * PerMinute);

    public static Seconds FromHours(double hours) => new(hours * PerHour);

    public static Seconds FromDays(double days) => new(days * PerDay);

    /// <summary>
    /// Reads <c>90s</c>, <c>10min</c>, <c>1.8h</c>, <c>54d</c>, <c>20ms</c>, <c>5us</c>; null where the unit is missing or unknown.
    /// </summary>
    public static Seconds? Parse(string text) => QuantityText.Parse(text, Units) is { } value ? new Seconds(value) : null;

    public static Seconds operator +(Seconds a, Seconds b) => new(a.Value + b.Value);

    public static Seconds operator -(Seconds a, Seconds b) => new(a.Value - b.Value);

    public static Seconds operator *(Seconds a, double times) => new(a.Value * times);

    public static bool operator <(Seconds a, Seconds b) => a.Value < b.Value;

    public static bool operator >(Seconds a, Seconds b) => a.Value > b.Value;

    public static bool operator <=(Seconds a, Seconds b) => a.Value <= b.Value;

    public static bool operator >=(Seconds a, Seconds b) => a.Value >= b.Value;

    public int CompareTo(Seconds other) => Value.CompareTo(other.Value);

    /// <summary>Null for a length of time that can be: finite, and 0 or more.</summary>
    public string? FindProblem(string path) => Value >= 0 && double.IsFinite(Value)
        ? null
        : $"{path} is {this}, but a time cannot be {(Value < 0 ? "negative" : "endless")}. The least is 0s.";

    /// <summary>Three significant digits in the unit that people would take: <c>8.70min</c>, <c>3.10h</c>, <c>54.0d</c>.</summary>
    public string ToShortString()
    {
        if (Math.Abs(Value) is > 0 and < 1e-6)
            return Value.ToString("G3", CultureInfo.InvariantCulture) + "s";
        foreach (var (unit, factor) in Units)
        {
            if (Math.Abs(Value) >= factor)
                return QuantityText.ThreeDigits(Value / factor) + unit;
        }

        return QuantityText.ThreeDigits(Value) + "s";
    }

    /// <summary>Exact, in the largest unit in which it is short: <c>90s</c>, <c>10min</c>; <see cref="Parse"/> reads it back.</summary>
    public override string ToString()
    {
        if (Math.Abs(Value) is > 0 and < 1)
            return QuantityText.Exact(Value, ("ms", 1e-3), ("us", 1e-6), ("s", 1));
        foreach (var (unit, factor) in Units)
        {
            var count = Math.Round(Value / factor, 2);
            if (factor >= 1 && Math.Abs(Value) >= factor && count * factor == Value)
                return count.ToString("R", CultureInfo.InvariantCulture) + unit;
        }

        return Value.ToString("R", CultureInfo.InvariantCulture) + "s";
    }
}
