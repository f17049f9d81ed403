using Altiplano.Planning.Units;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>Values whose unit stands behind the number, and may not be left out.</summary>
internal static class QuantityFormats
{
    public static YamlFormat<Seconds> Time { get; } = new QuantityFormat<Seconds>(
        "a time with its unit such as 20ms, 90s, 10min, 1.8h or 54d", Seconds.Parse, (time, path) => time.FindProblem(path),
        number => $"{number}s or {number}min", time => time.ToString());

    public static YamlFormat<FailureRate> Rate { get; } = new QuantityFormat<FailureRate>(
        "failures over what was watched, such as 6.5/1000 server-days or 0.0004/gpu-day", FailureRate.Parse,
        (rate, path) => rate.FindProblem(path), number => $"{number}/1000 server-days or {number}/gpu-day", rate => rate.ToString());
}

/// <summary>A number with its unit, refused with a proposal where the unit is missing, and with the least where it is too small.</summary>
/// <param name="findProblem">Null for a value that can be.</param>
/// <param name="withUnit">How a bare number might have been meant.</param>
internal sealed class QuantityFormat<T>(
    string kind, Func<string, T?> parse, Func<T, string, string?> findProblem, Func<string, string> withUnit, Func<T, string> show)
    : YamlFormat<T>
    where T : struct
{
    public override string Kind => kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out T value)
    {
        var text = (node as YamlScalarNode)?.Value ?? "";
        var parsed = parse(text);
        value = parsed ?? default;
        if (parsed is not null)
        {
            if (findProblem(value, path) is not { } problem)
                return true;
            reading.Report(node, problem);
            return false;
        }

        if (!decimal.TryParse(text, out _))
            return Refuse(node, path, reading);
        reading.Report(node, $"{path} is {text}, which has no unit. Write {withUnit(text.TrimStart('-'))}.");
        return false;
    }

    public override YamlNode Write(T value) => new YamlScalarNode(show(value));
}
