namespace Altiplano.Data.Corpora;

/// <summary>One documented member of an assembly: its documentation id and its paragraphs of plain text.</summary>
/// <param name="Id">Kind, full name and parameters, for example <c>M:System.String.Split(System.Char[])</c>.</param>
public readonly record struct XmlDocMember(string Id, IReadOnlyList<string> Paragraphs)
{
    public bool IsType => Id.StartsWith("T:", StringComparison.Ordinal);

    /// <summary>Full name of the type that the member belongs to or is.</summary>
    public string TypeName
    {
        get
        {
            var name = FullName;
            return IsType ? name : name[..Math.Max(0, name.LastIndexOf('.'))];
        }
    }

    private string FullName
    {
        get
        {
            var parameters = Id.AsSpan().IndexOfAny('(', '~');
            return parameters < 0 ? Id[2..] : Id[2..parameters];
        }
    }
}
