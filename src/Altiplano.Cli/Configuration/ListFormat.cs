using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A list of values of one kind, at least one.</summary>
internal sealed class ListFormat<T>(YamlFormat<T> item) : YamlFormat<IReadOnlyList<T>>
{
    public override string Kind => $"a list, each {item.Kind}";

    public override bool TryRead(
        YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out IReadOnlyList<T> value)
    {
        var items = new List<T>();
        value = items;
        if (node is not YamlSequenceNode { Children.Count: > 0 } list)
            return Refuse(node, path, reading);
        for (var i = 0; i < list.Children.Count; i++)
        {
            if (item.TryRead(list.Children[i], $"{path}[{i}]", reading, out var read))
                items.Add(read);
        }

        return items.Count == list.Children.Count;
    }

    public override YamlNode? Write(IReadOnlyList<T> value) =>
        new YamlSequenceNode(value.Select(v => item.Write(v) ?? new YamlScalarNode("null")));
}

/// <summary>Any text.</summary>
internal sealed class TextFormat(string kind) : YamlFormat<string>
{
    public override string Kind => kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out string value)
    {
        value = (node as YamlScalarNode)?.Value;
        return value is { Length: > 0 } || Refuse(node, path, reading);
    }

    public override YamlNode? Write(string value) => new YamlScalarNode(value);
}

/// <summary>The path of a file or folder, or nothing.</summary>
internal sealed class OptionalPathFormat : YamlFormat<string?>
{
    public override string Kind => YamlFormats.Path.Kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out string? value)
    {
        value = null;
        return YamlFormats.IsNull(node) || YamlFormats.Path.TryRead(node, path, reading, out value);
    }

    public override YamlNode? Write(string? value) => value is null ? null : YamlFormats.Path.Write(value);
}
