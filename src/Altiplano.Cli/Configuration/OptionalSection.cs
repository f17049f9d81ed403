using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A mapping that may be absent, written as <c>null</c> or left out.</summary>
/// <param name="start">The values of the keys that the mapping does not give.</param>
internal sealed class OptionalSection<T>(Section<T> section, T start) : YamlFormat<T?>
    where T : class
{
    public override string Kind => "a mapping";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T? value)
    {
        value = null;
        return YamlFormats.IsNull(node) || section.TryRead(node, path, reading, start, out value);
    }

    public override YamlNode? Write(T? value) => value is null ? null : section.Write(value);
}
