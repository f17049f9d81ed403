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
        var trimmed = text.AsSpan().Trim();
        var length = NumberLength(trimmed);
        var suffix = trimmed[length..].Trim();
        if (!decimal.TryParse(trimmed[..length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var number))
            return null;
        foreach (var (name, factor) in units)
        {
            if (suffix.SequenceEqual(name))
                return Product(number, factor);
        }

        return null;
    }

    /// <summary>Reads a number with one of these units behind it; a bare number is no quantity.</summary>
    /// <param name="units">Each suffix with the factor it stands for; suffixes are compared exactly.</param>
    /// <remarks>A negative number is read too, so that whoever asked can say why it cannot be.</remarks>
    public static double? Parse(string text, params ReadOnlySpan<(string Suffix, double Factor)> units)
    {
        var trimmed = text.AsSpan().Trim();
        var length = NumberLength(trimmed);
        var suffix = trimmed[length..].Trim();
        if (ParseNumber(trimmed[..length]) is not { } number)
            return null;
        foreach (var (name, factor) in units)
        {
            if (suffix.SequenceEqual(name))
                return number * factor;
        }

        return null;
    }

    /// <summary>How much of a trimmed text comes before its unit: all up to the last digit.</summary>
    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        while (length > 0 && !char.IsAsciiDigit(text[length - 1]))
            length--;
        return length;
    }

    /// <summary>A finite number, negative ones too; null for anything else.</summary>
    internal static double? ParseNumber(ReadOnlySpan<char> digits)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(digits, style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
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

    /// <summary>Three significant digits of a number from 0.01 up: <c>290</c>, <c>12.3</c>, <c>1.80</c>.</summary>
    public static string ThreeDigits(double value) =>
        value.ToString(Math.Abs(value) switch { >= 99.95 => "0", >= 9.995 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

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

    private static long? Product(decimal number, long factor)
    {
        if (number > long.MaxValue / (decimal)factor)
            return null;
        var product = number * factor;
        return product == decimal.Truncate(product) ? (long)product : null;
    }
}
