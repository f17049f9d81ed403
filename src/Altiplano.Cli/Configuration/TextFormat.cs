using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

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
