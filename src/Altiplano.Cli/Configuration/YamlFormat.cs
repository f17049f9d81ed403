using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>How a value of one type is written in YAML; the same object reads, writes and describes it.</summary>
internal abstract class YamlFormat<T>
{
    /// <summary>What a value looks like, as it follows "must be": <c>a number above 0</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// Reads a value, or reports to <paramref name="reading"/> why it cannot be read, naming it <paramref name="path"/>.
    /// </summary>
    public abstract bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T value);

    /// <summary>Null where the value is left out of the file.</summary>
    public abstract YamlNode? Write(T value);

    protected bool Refuse(YamlNode node, string path, YamlReading reading)
    {
        reading.Report(node, $"{path} is {Show(node)}, but it must be {Kind}.");
        return false;
    }

    private static string Show(YamlNode node) => node switch
    {
        YamlScalarNode { Value: null or "" } => "empty",
        YamlScalarNode scalar => $"\"{scalar.Value}\"",
        YamlSequenceNode => "a list",
        _ => "a mapping",
    };
}

/// <summary>A value that is one word or number.</summary>
/// <param name="parse">The value of a text; null where the text is none.</param>
internal sealed class ScalarFormat<T>(string kind, Func<string, T?> parse, Func<T, string> show) : YamlFormat<T>
    where T : struct
{
    public override string Kind => kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out T value)
    {
        var parsed = node is YamlScalarNode { Value: { Length: > 0 } text } ? parse(text) : null;
        value = parsed ?? default;
        return parsed is not null || Refuse(node, path, reading);
    }

    public override YamlNode Write(T value) => new YamlScalarNode(show(value));

    public string Show(T value) => show(value);

    /// <summary>The same values, or the word <c>auto</c>.</summary>
    public ScalarFormat<OrAuto<T>> OrAuto() => new(
        $"{kind}, or auto",
        text => text == "auto" ? default(OrAuto<T>) : parse(text) is { } value ? new OrAuto<T>(value) : null,
        value => value.Given is { } given ? show(given) : "auto");
}

/// <summary>A value that may be absent, written as <c>null</c> or left out.</summary>
internal sealed class OptionalFormat<T>(YamlFormat<T> format) : YamlFormat<T?>
    where T : struct
{
    public override string Kind => format.Kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out T? value)
    {
        value = null;
        if (YamlFormats.IsNull(node))
            return true;
        var isRead = format.TryRead(node, path, reading, out var given);
        value = given;
        return isRead;
    }

    public override YamlNode? Write(T? value) => value is { } given ? format.Write(given) : null;
}
