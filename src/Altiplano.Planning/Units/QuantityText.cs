using System.Globalization;

namespace Altiplano.Planning.Units;

/// <summary>Numbers with a unit or prefix behind them, as people write and read them: 4M, 1.5GiB, 290 GFLOP/s.</summary>
internal static class QuantityText
{
    private static readonly string[] SiPrefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

    /// <summary>Reads a number of 0 or more and the size of its unit.</summary>
    /// <param name="units">Each suffix with the factor it stands for; suffixes are compared exactly.</param>
    /// <returns>Null when the text is no such number, or when the product is not whole or does not fit in 64 bits.</returns>
    public static long? ParseWhole(string text, params ReadOnlySpan<(string Suffix, long Factor)> units)
    {
        var digits = Digits(text, out var suffix);
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            return null;
        foreach (var (name, factor) in units)
        {
            if (suffix.SequenceEqual(name))
                return Product(number, factor);
        }

        return null;
    }

    /// <summary>Reads a number of 0 or more with one of these units behind it; a bare number is no quantity.</summary>
    /// <param name="units">Each suffix with the factor it stands for; suffixes are compared exactly.</param>
    public static double? Parse(string text, params ReadOnlySpan<(string Suffix, double Factor)> units)
    {
        var digits = Digits(text, out var suffix);
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
            return null;
        foreach (var (name, factor) in units)
        {
            if (suffix.SequenceEqual(name))
                return number * factor;
        }

        return null;
    }

    /// <summary>Three significant digits with an SI prefix: <c>290 G</c>, <c>1.23 T</c>.</summary>
    public static string WithSiPrefix(double value, string unit)
    {
        if (!double.IsFinite(value))
            return $"{value} {unit}";
        var power = 0;
        while (Math.Abs(value) >= 999.5 && power < SiPrefixes.Length - 1)
        {
            value /= 1000;
            power++;
        }

        return $"{ThreeDigits(value)} {SiPrefixes[power]}{unit}";
    }

    /// <summary>The shortest digits that read back, with the largest unit (they come largest first) of which the value is 1 or more.</summary>
    public static string Exact(double value, params ReadOnlySpan<(string Suffix, double Factor)> units)
    {
        var unit = units[^1];
        foreach (var candidate in units)
        {
            if (Math.Abs(value) < candidate.Factor)
                continue;
            unit = candidate;
            break;
        }

        // 15 digits, where these are the value: 3.6e-6 / 1e-6 is not 3.6 in the last bit.
        var number = value / unit.Factor;
        var rounded = double.Parse(number.ToString("G15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return (rounded * unit.Factor == value ? rounded : number).ToString("R", CultureInfo.InvariantCulture) + unit.Suffix;
    }

    private static ReadOnlySpan<char> Digits(string text, out ReadOnlySpan<char> suffix)
    {
        var trimmed = text.AsSpan().Trim();
        var length = trimmed.Length;
        while (length > 0 && !char.IsAsciiDigit(trimmed[length - 1]))
            length--;
        suffix = trimmed[length..].Trim();
        return trimmed[..length];
    }

    private static string ThreeDigits(double value) =>
        value.ToString(Math.Abs(value) switch { >= 99.95 => "0", >= 9.995 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    private static long? Product(decimal number, long factor)
    {
        if (number > long.MaxValue / (decimal)factor)
            return null;
        var product = number * factor;
        return product == decimal.Truncate(product) ? (long)product : null;
    }
}
