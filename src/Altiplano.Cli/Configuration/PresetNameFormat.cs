using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>The name of a preset, or the path of a file like it; another part of the program reads what is there.</summary>
/// <param name="kind">The folder of the presets.</param>
internal sealed class PresetNameFormat(PresetFolder presets, string kind) : YamlFormat<string>
{
    public override string Kind => $"a preset of presets/{kind}, or a file";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        if (node is not YamlScalarNode { Value: { Length: > 0 } name })
            return Refuse(node, path, reading);
        var file = reading.ResolvePath(node, name);
        value = presets.Names(kind).Contains(name) ? name : File.Exists(file) ? file : null;
        if (value is null)
        {
            reading.Report(node, $"{path} is \"{name}\", which is neither a preset nor a file. " +
                NearestName.Hint(name, "presets", presets.Names(kind)));
        }

        return value is not null;
    }

    public override YamlNode Write(string value) => new YamlScalarNode(value);
}
