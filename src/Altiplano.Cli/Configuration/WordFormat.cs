using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>One of a few words, kept as it is.</summary>
internal sealed class WordFormat(params string[] words) : YamlFormat<string>
{
    public override string Kind => "one of " + string.Join(", ", words);

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out string value)
    {
        value = (node as YamlScalarNode)?.Value;
        return words.Contains(value) || Refuse(node, path, reading);
    }

    public override YamlNode? Write(string value) => new YamlScalarNode(value);
}
