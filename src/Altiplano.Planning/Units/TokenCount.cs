using System.Globalization;

namespace Altiplano.Planning.Units;

/// <summary>A number of tokens. K, M, B, T are powers of 1000; Ki, Mi, Gi are powers of 1024.</summary>
public readonly record struct TokenCount(long Value) : IComparable<TokenCount>
{
    private static readonly (string Suffix, long Factor)[] Shown =
        [("T", 1_000_000_000_000), ("B", 1_000_000_000), ("M", 1_000_000)];

    /// <summary>
    /// Reads <c>4M</c>, <c>2.87T</c>, <c>64Ki</c> or a bare number; null when the text is none of these or not whole.
    /// </summary>
    public static TokenCount? Parse(string text) =>
        QuantityText.ParseWhole(
            text, ("", 1), ("K", 1_000), ("M", 1_000_000), ("B", 1_000_000_000), ("T", 1_000_000_000_000),
            ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30)) is { } value
            ? new TokenCount(value)
            : null;

    public static TokenCount operator +(TokenCount a, TokenCount b) => new(a.Value + b.Value);

    public static TokenCount operator *(TokenCount a, long times) => new(a.Value * times);

    public static bool operator <(TokenCount a, TokenCount b) => a.Value < b.Value;

    public static bool operator >(TokenCount a, TokenCount b) => a.Value > b.Value;

    public static bool operator <=(TokenCount a, TokenCount b) => a.Value <= b.Value;

    public static bool operator >=(TokenCount a, TokenCount b) => a.Value >= b.Value;

    public int CompareTo(TokenCount other) => Value.CompareTo(other.Value);

    /// <summary>
    /// Exact: <c>252M</c> or <c>2.87T</c> where two decimals suffice, else every digit. <see cref="Parse"/> reads it back.
    /// </summary>
    public override string ToString()
    {
        foreach (var (suffix, factor) in Shown)
        {
            if (Value >= factor && Value % (factor / 100) == 0)
                return ((decimal)Value / factor).ToString("0.##", CultureInfo.InvariantCulture) + suffix;
        }

        return Value.ToString(CultureInfo.InvariantCulture);
    }
}
