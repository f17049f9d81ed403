using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A description that may be absent, written as <c>null</c> or left out.</summary>
internal sealed class OptionalDescription<T>(YamlFormat<T> format) : YamlFormat<T?>
    where T : class
{
    public override string Kind => format.Kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T? value)
    {
        value = null;
        return YamlFormats.IsNull(node) || format.TryRead(node, path, reading, out value);
    }

    public override YamlNode? Write(T? value) => value is null ? null : format.Write(value);
}
