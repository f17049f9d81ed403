using System.Globalization;
using Altiplano.Planning.Units;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>The kinds of value that a run file is made of.</summary>
internal static class YamlFormats
{
    public static ScalarFormat<bool> Boolean { get; } = new(
        "true or false", text => text switch { "true" => true, "false" => false, _ => null }, value => value ? "true" : "false");

    /// <summary>A number of tokens, at least 1.</summary>
    public static ScalarFormat<TokenCount> Tokens { get; } = new(
        "a number of tokens such as 65536, 64Ki or 4M",
        text => TokenCount.Parse(text) is { Value: > 0 } tokens ? tokens : null,
        value => value.ToString());

    public static PathFormat Path { get; } = new();

    public static ScalarFormat<int> Integer(int min, int max = int.MaxValue) => new(
        max == int.MaxValue ? $"a whole number, {min} or more" : $"a whole number from {min} to {max}",
        text => ParseWhole(text) is { } value && value >= min && value <= max ? (int)value : null,
        value => value.ToString(CultureInfo.InvariantCulture));

    public static ScalarFormat<long> LongInteger(long min) => new(
        $"a whole number, {min} or more",
        text => ParseWhole(text) is { } value && value >= min ? value : null,
        value => value.ToString(CultureInfo.InvariantCulture));

    /// <param name="kind">The rule in words.</param>
    /// <param name="isAllowed">The rule; only asked about numbers, never about NaN.</param>
    public static ScalarFormat<double> Number(string kind, Func<double, bool> isAllowed) => new(
        kind, text => ParseNumber(text) is { } value && isAllowed(value) ? value : null, ShowNumber);

    /// <summary>One of a set of words, each standing for a value.</summary>
    public static ScalarFormat<T> OneOf<T>(params (string Word, T Value)[] words)
        where T : struct => new(
            "one of " + string.Join(", ", words.Select(w => w.Word)),
            text => words.Where(w => w.Word == text).Select(w => (T?)w.Value).FirstOrDefault(),
            value => words.First(w => EqualityComparer<T>.Default.Equals(w.Value, value)).Word);

    public static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Value: null or "" or "null" or "~", Style: ScalarStyle.Plain };

    /// <summary>
    /// The shortest digits that read back as the same number, in the run file's spelling: <c>3e-04</c>, <c>.inf</c>.
    /// </summary>
    public static string ShowNumber(double value) =>
        double.IsPositiveInfinity(value) ? ".inf" : value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    private static long? ParseWhole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? ParseNumber(string text)
    {
        if (text == ".inf")
            return double.PositiveInfinity;
        const NumberStyles style = NumberStyles.Float & ~NumberStyles.AllowTrailingWhite;
        var isNumber = double.TryParse(text, style, CultureInfo.InvariantCulture, out var value);
        return isNumber && double.IsFinite(value) ? value : null;
    }
}
