using System.Globalization;
using Altiplano.Planning.Units;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A number with a unit behind it: a bare number is refused with the text to write.</summary>
/// <param name="kind">What it is, as it follows "must be": <c>a power, 0 or more, such as 700W</c>.</param>
/// <param name="units">What to suggest where a unit was left out, the likeliest first.</param>
/// <param name="parse">The value of a text; null where the text is none.</param>
/// <param name="findProblem">What is wrong with the value of a path, or null where nothing is.</param>
internal sealed class QuantityFormat<T>(
    string kind, string[] units, Func<string, T?> parse, Func<T, string> show, Func<T, string, string?>? findProblem = null) : YamlFormat<T>
    where T : struct
{
    public override string Kind => kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out T value)
    {
        var text = (node as YamlScalarNode)?.Value ?? "";
        var isBare = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        var parsed = isBare ? null : parse(text);
        value = parsed ?? default;
        if (parsed is not null)
            return IsAllowed(node, path, reading, value);
        if (!isBare)
            return Refuse(node, path, reading);
        reading.Report(node, $"{path} is {text}, which has no unit. Write " +
            $"{string.Join(" or ", units.Select(unit => text.TrimStart('-') + unit))}.");
        return false;
    }

    public override YamlNode Write(T value) => new YamlScalarNode(show(value));

    private bool IsAllowed(YamlNode node, string path, YamlReading reading, T value)
    {
        if (findProblem?.Invoke(value, path) is not { } problem)
            return true;
        reading.Report(node, problem);
        return false;
    }
}

/// <summary>The quantities that descriptions of machines are made of.</summary>
internal static class Quantities
{
    private const string CarbonUnit = "g/kWh";

    public static QuantityFormat<Bytes> Memory { get; } = new(
        "a size, such as 80GiB or 640GB", ["GiB", "GB"], Bytes.Parse, v => v.ToExactText());

    public static QuantityFormat<BytesPerSecond> Rate { get; } = new(
        "a rate, 0 or more, such as 450GB/s (bytes) or 400Gb/s (bits)", ["GB/s", "Gb/s"],
        BytesPerSecond.Parse, v => v.ToString());

    public static QuantityFormat<FlopsPerSecond> FlopRate { get; } = new(
        "a rate, 0 or more, such as 989.4TFLOP/s", ["TFLOP/s", "PFLOP/s"], FlopsPerSecond.Parse, v => v.ToExactText());

    public static QuantityFormat<Watts> Power { get; } = new(
        "a power, 0 or more, such as 700W, 10.2kW or 150MW", ["W", "kW"], Watts.Parse, v => v.ToString());

    public static QuantityFormat<Seconds> Latency { get; } = new(
        "a time, 0 or more, such as 3.6us or 5ms", ["us", "ms"], Seconds.Parse, v => v.ToString(), (time, path) => time.FindProblem(path));

    public static QuantityFormat<Seconds> Time { get; } = new(
        "a time with its unit such as 20ms, 90s, 10min, 1.8h or 54d", ["s", "min"], Seconds.Parse, v => v.ToString(),
        (time, path) => time.FindProblem(path));

    public static QuantityFormat<FailureRate> Failures { get; } = new(
        "failures over what was watched, such as 6.5/1000 server-days or 0.0004/gpu-day", ["/1000 server-days", "/gpu-day"],
        FailureRate.Parse, v => v.ToString(), (rate, path) => rate.FindProblem(path));

    public static QuantityFormat<Dollars> Money { get; } = new(
        "an amount, 0 or more, such as 2.35$, 250k$ or 4.1M$", ["$", "k$"], Dollars.Parse, v => v.ToString());

    public static QuantityFormat<double> Carbon { get; } = new(
        $"a mass of CO2 for each kWh, 0 or more, such as 380{CarbonUnit}", [CarbonUnit], ParseCarbon,
        v => YamlFormats.ShowNumber(v) + CarbonUnit);

    private static double? ParseCarbon(string text) =>
        text.EndsWith(CarbonUnit, StringComparison.Ordinal)
        && double.TryParse(text[..^CarbonUnit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var grams)
            ? grams
            : null;
}
