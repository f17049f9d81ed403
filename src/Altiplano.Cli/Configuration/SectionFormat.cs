using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A mapping as one value, for example as the item of a list.</summary>
/// <param name="start">The values of the keys that the mapping does not give.</param>
internal sealed class SectionFormat<T>(Section<T> section, T start) : YamlFormat<T>
{
    public override string Kind => $"a mapping of {string.Join(", ", section.KeyNames)}";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T value) =>
        section.TryRead(node, path, reading, start, out value);

    public override YamlNode Write(T value) => section.Write(value);
}
