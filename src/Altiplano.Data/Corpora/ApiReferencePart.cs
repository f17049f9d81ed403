using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Collects members into one document a type: a member a block, a paragraph a line.</summary>
internal sealed class ApiReferencePart
{
    private readonly List<Document> _documents = [];
    private readonly StringBuilder _text = new();
    private string _type = "";

    /// <summary>Members of a type come one after the other.</summary>
    public void Add(XmlDocMember member)
    {
        if (member.TypeName != _type)
            Close();
        _type = member.TypeName;
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
            _documents.Add(new Document(_type, _text.ToString()));
        _text.Clear();
    }
}
