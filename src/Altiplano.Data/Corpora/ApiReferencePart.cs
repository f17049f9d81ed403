using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Collects members into one document a type.</summary>
internal sealed class ApiReferencePart
{
    private static readonly int s_shape = int.Parse(Environment.GetEnvironmentVariable("SHAPE") ?? "0");
    private readonly List<Document> _documents = [];
    private readonly StringBuilder _text = new();
    private string _type = "";

    public void Add(XmlDocMember member, IReadOnlyList<string> paragraphs)
    {
        if (member.TypeName != _type)
            Close();
        _type = member.TypeName;
        if (s_shape == 0)
            _text.Append(member.ShortName).Append(": ");
        foreach (var p in paragraphs) _text.Append(p).Append(s_shape is 0 or 1 ? '\n' : ' ');
        if (s_shape == 2) _text.Append('\n');
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
