using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Collects members into one document an assembly: a paragraph a line, an empty line between types.</summary>
/// <remarks>Neighbouring types speak of the same things, so a document of many gives a model more to go by than a document each.</remarks>
internal sealed class ApiReferencePart
{
    private readonly List<Document> _documents = [];
    private readonly StringBuilder _text = new();
    private string _assembly = "";
    private string _type = "";

    /// <summary>Members of an assembly come one after the other, and in it those of a type.</summary>
    public void Add(XmlDocAssembly assembly, XmlDocMember member)
    {
        if (assembly.Name != _assembly)
            Close();
        else if (member.TypeName != _type)
            _text.Append('\n');
        (_assembly, _type) = (assembly.Name, member.TypeName);
        foreach (var paragraph in member.Paragraphs)
            _text.Append(paragraph).Append('\n');
    }

    public IReadOnlyList<Document> ToDocuments()
    {
        Close();
        return _documents;
    }

    private void Close()
    {
        if (_text.Length > 0)
            _documents.Add(new Document(_assembly, _text.ToString()));
        _text.Clear();
    }
}
