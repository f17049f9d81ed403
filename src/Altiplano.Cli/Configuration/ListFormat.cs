using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A list of values of one kind, at least one unless it may be empty.</summary>
internal sealed class ListFormat<T>(YamlFormat<T> item, bool mayBeEmpty = false) : YamlFormat<IReadOnlyList<T>>
{
    public override string Kind => $"a list, each {item.Kind}";

    public override bool TryRead(
        YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out IReadOnlyList<T> value)
    {
        var items = new List<T>();
        value = items;
        if (node is not YamlSequenceNode list)
            return Refuse(node, path, reading);
        if (list.Children.Count == 0 && !mayBeEmpty)
        {
            reading.Report(node, $"{path} is an empty list, but it needs at least one item, each {item.Kind}.");
            return false;
        }

        for (var i = 0; i < list.Children.Count; i++)
        {
            if (item.TryRead(list.Children[i], $"{path}[{i}]", reading, out var read))
                items.Add(read);
        }

        return items.Count == list.Children.Count;
    }

    /// <returns>Null, which leaves the key out, for an empty list.</returns>
    public override YamlNode? Write(IReadOnlyList<T> value) => value.Count == 0
        ? null
        : new YamlSequenceNode(value.Select(v => item.Write(v) ?? new YamlScalarNode("null")));
}
