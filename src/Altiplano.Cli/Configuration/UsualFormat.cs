using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A value that is left out of a written file where it is the usual one.</summary>
internal sealed class UsualFormat<T>(YamlFormat<T> format, T usual) : YamlFormat<T>
{
    public override string Kind => format.Kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T value) =>
        format.TryRead(node, path, reading, out value);

    public override YamlNode? Write(T value) => EqualityComparer<T>.Default.Equals(value, usual) ? null : format.Write(value);
}
