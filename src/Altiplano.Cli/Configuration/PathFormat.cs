using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>The path of a file or folder; relative ones start at the folder of the run file.</summary>
/// <remarks>Read into, and written as, an absolute path.</remarks>
internal sealed class PathFormat : YamlFormat<string>
{
    public override string Kind => "a path";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out string value)
    {
        value = node is YamlScalarNode { Value: { Length: > 0 } text } ? reading.ResolvePath(node, text) : null;
        return value is not null || Refuse(node, path, reading);
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
