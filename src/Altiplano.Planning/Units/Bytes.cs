using System.Globalization;

namespace Altiplano.Planning.Units;

/// <summary>A size of memory or of a file. GB = 1e9, GiB = 2^30.</summary>
public readonly record struct Bytes(long Value) : IComparable<Bytes>
{
    public const long PerKib = 1L << 10;
    public const long PerMib = 1L << 20;
    public const long PerGib = 1L << 30;

    private static readonly (string Suffix, long Factor)[] Exact =
    [
        ("PB", 1_000_000_000_000_000), ("TiB", PerGib * 1024), ("TB", 1_000_000_000_000), ("GiB", PerGib), ("GB", 1_000_000_000),
        ("MiB", PerMib), ("MB", 1_000_000), ("KiB", PerKib), ("kB", 1_000),
    ];

    public double Gib => Value / (double)PerGib;

    /// <summary>
    /// Reads <c>1.5GiB</c>, <c>512 MiB</c>, <c>2GB</c> or a bare number of bytes; null when the text is none of these.
    /// </summary>
    public static Bytes? Parse(string text) =>
        QuantityText.ParseWhole(
            text, ("", 1), ("B", 1), ("KiB", PerKib), ("MiB", PerMib), ("GiB", PerGib), ("TiB", PerGib * 1024),
            ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
            ("PB", 1_000_000_000_000_000)) is { } value
            ? new Bytes(value)
            : null;

    public static Bytes operator +(Bytes a, Bytes b) => new(a.Value + b.Value);

    public static Bytes operator -(Bytes a, Bytes b) => new(a.Value - b.Value);

    public static Bytes operator *(Bytes a, long times) => new(a.Value * times);

    public static bool operator <(Bytes a, Bytes b) => a.Value < b.Value;

    public static bool operator >(Bytes a, Bytes b) => a.Value > b.Value;

    public static bool operator <=(Bytes a, Bytes b) => a.Value <= b.Value;

    public static bool operator >=(Bytes a, Bytes b) => a.Value >= b.Value;

    public int CompareTo(Bytes other) => Value.CompareTo(other.Value);

    /// <summary>One decimal of the largest binary unit that fits: <c>36.9GiB</c>, <c>512.0MiB</c>, <c>17B</c>.</summary>
    public override string ToString() => Math.Abs((double)Value) switch
    {
        >= PerGib => In(Value, PerGib, "GiB"),
        >= PerMib => In(Value, PerMib, "MiB"),
        >= PerKib => In(Value, PerKib, "KiB"),
        _ => $"{Value}B",
    };

    /// <summary>
    /// Every byte, in the largest unit of which there is a whole number: <c>81559MiB</c>, <c>240PB</c>. <see cref="Parse"/> reads it back.
    /// </summary>
    public string ToExactText()
    {
        foreach (var (suffix, factor) in Exact)
        {
            if (Value != 0 && Value % factor == 0)
                return (Value / factor).ToString(CultureInfo.InvariantCulture) + suffix;
        }

        return $"{Value}B";
    }

    private static string In(long value, long unit, string name) =>
        (value / (double)unit).ToString("0.0", CultureInfo.InvariantCulture) + name;
}
