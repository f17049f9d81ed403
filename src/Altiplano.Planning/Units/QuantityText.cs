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
        if (ParseNumber(trimmed[..length]) is null)
            return null;
        foreach (var (name, factor) in units)
        {
            if (suffix.SequenceEqual(name))
                return Product(trimmed[..length], factor);
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

    /// <summary>Digits that read back, with the largest unit of which the value is 1 or more and that loses no bit of it.</summary>
    /// <param name="units">Each suffix with the factor it stands for, largest first; the last has the factor 1.</param>
    public static string Exact(double value, params ReadOnlySpan<(string Suffix, double Factor)> units)
    {
        foreach (var (suffix, factor) in units)
        {
            if (Math.Abs(value) >= factor && ExactNumber(value, factor) is { } number)
                return number + suffix;
        }

        return value.ToString("R", CultureInfo.InvariantCulture) + units[^1].Suffix;
    }

    /// <summary>15 digits or, where these are another value, all of them; null where no digits times the factor are the value.</summary>
    private static string? ExactNumber(double value, double factor)
    {
        foreach (var format in new[] { "G15", "R" })
        {
            var digits = (value / factor).ToString(format, CultureInfo.InvariantCulture);
            if (Product(digits, factor) == value)
                return digits;
        }

        return null;
    }

    /// <summary>Rounded once where it can be, in decimals: 4.1 x 1e6 is 4,099,999.9999999995 in doubles.</summary>
    private static double Product(ReadOnlySpan<char> digits, double factor)
    {
        var number = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return factor != 1 && Math.Abs(number) is > 1e-9 and < 1e9
            ? (double)(decimal.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture) * (decimal)factor)
            : number * factor;
    }

    private static long? Product(decimal number, long factor)
    {
        if (number > long.MaxValue / (decimal)factor)
            return null;
        var product = number * factor;
        return product == decimal.Truncate(product) ? (long)product : null;
    }
}
