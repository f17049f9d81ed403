namespace Altiplano.Data.Corpora;

/// <summary>The documented members of one assembly, in file order.</summary>
internal sealed record XmlDocAssembly(string Name, IReadOnlyList<XmlDocMember> Members)
{
    public long NumCharacters { get; } = Members.Sum(member => member.Paragraphs.Sum(text => (long)text.Length));

    /// <exception cref="DataFormatException">The file is not well-formed XML.</exception>
    public static XmlDocAssembly Read(string path) => new(Path.GetFileNameWithoutExtension(path), XmlDocReader.Read(path));
}
