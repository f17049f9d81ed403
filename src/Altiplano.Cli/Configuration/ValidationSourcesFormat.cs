using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Altiplano.Training.Loop;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary><c>data.val</c>: one path, whose metrics start with <c>val</c>, or a mapping of names to paths.</summary>
internal sealed class ValidationSourcesFormat : YamlFormat<ImmutableArray<ValidationSource>>
{
    private const string DefaultName = "val";

    public override string Kind => "a path, or a mapping of names to paths";

    public override bool TryRead(
        YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out ImmutableArray<ValidationSource> value)
    {
        value = [];
        if (YamlFormats.IsNull(node))
            return true;
        if (node is YamlSequenceNode)
            return Refuse(node, path, reading);
        var sources = new List<ValidationSource>();
        var isRead = true;
        foreach (var (name, pathNode) in node is YamlMappingNode map ? Named(map) : [(DefaultName, node)])
        {
            if (!IsName(name))
            {
                reading.Report(
                    pathNode, $"{path}.{name} is not a name for metrics: use lower-case letters, digits and _, and not \"train\".");
                isRead = false;
            }
            else if (YamlFormats.Path.TryRead(pathNode, node is YamlMappingNode ? $"{path}.{name}" : path, reading, out var file))
                sources.Add(new ValidationSource(name, file));
            else
                isRead = false;
        }

        value = [.. sources];
        return isRead;
    }

    public override YamlNode? Write(ImmutableArray<ValidationSource> value) => value.IsEmpty
        ? null
        : new YamlMappingNode(value.Select(s => KeyValuePair.Create<YamlNode, YamlNode>(s.Name, s.Path)));

    /// <summary>True for a name whose metrics, such as <c>val/loss</c>, cannot be taken for others.</summary>
    private static bool IsName(string name) =>
        name is not ("" or "train") && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static IEnumerable<(string Name, YamlNode Path)> Named(YamlMappingNode map) =>
        map.Children.Select(pair => (((YamlScalarNode)pair.Key).Value ?? "", pair.Value));
}
