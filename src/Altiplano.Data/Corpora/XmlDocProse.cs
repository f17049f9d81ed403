using System.Text;
using System.Xml;

namespace Altiplano.Data.Corpora;

/// <summary>Turns the marked-up text of an XML documentation file into plain prose.</summary>
internal static class XmlDocProse
{
    /// <summary>Reads the element under the reader, up to and with its end tag.</summary>
    /// <returns>Words with single spaces between them; "" for an element without text.</returns>
    public static string ReadElement(XmlReader reader, StringBuilder scratch)
    {
        scratch.Clear();
        var depth = reader.Depth;
        if (reader.IsEmptyElement)
            return "";
        while (reader.Read() && reader.Depth > depth)
            AppendNode(reader, scratch);
        return Tidy(scratch);
    }

    /// <summary>A documentation id as a name: "T:System.Collections.Generic.List`1" is "System.Collections.Generic.List".</summary>
    public static string QualifiedName(string id)
    {
        var span = id.AsSpan(id.IndexOf(':') + 1);
        var end = span.IndexOfAny('(', '~');
        if (end >= 0)
            span = span[..end];
        if (span.EndsWith(".#ctor") || span.EndsWith(".#cctor"))
            span = span[..span.LastIndexOf('.')];
        return string.Join('.', span.ToString().Split('.').Select(part => part.Split('`')[0]));
    }

    private static void AppendNode(XmlReader reader, StringBuilder text)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                text.Append(reader.Value);
                break;
            case XmlNodeType.Element:
                AppendReference(reader, text);
                break;
            case XmlNodeType.EndElement when reader.Name == "term":
                text.Append(": ");
                break;
            case XmlNodeType.EndElement when IsBlock(reader.Name):
                text.Append(' ');
                break;
        }
    }

    private static void AppendReference(XmlReader reader, StringBuilder text)
    {
        if (IsBlock(reader.Name))
            text.Append(' ');
        if (reader.Name is "see" or "seealso" or "xref" or "code")
            AppendTarget(reader, text);
        else if (reader.Name is "paramref" or "typeparamref")
            text.Append(reader.GetAttribute("name"));
    }

    /// <summary>The word that stands for a reference which has no text of its own.</summary>
    private static void AppendTarget(XmlReader reader, StringBuilder text)
    {
        if (!reader.IsEmptyElement)
            return;
        if (reader.GetAttribute("langword") is { } keyword)
            text.Append(keyword);
        else if (reader.GetAttribute("cref") is { } target)
            text.Append(QualifiedName(target));
    }

    private static bool IsBlock(string name) =>
        name is "para" or "p" or "br" or "code" or "list" or "item"
            or "listheader" or "term" or "description" or "li" or "ul" or "div";

    /// <summary>Collapses white space and drops control characters.</summary>
    private static string Tidy(StringBuilder text)
    {
        var tidy = new StringBuilder(text.Length);
        foreach (var chunk in text.GetChunks())
        {
            foreach (var c in chunk.Span)
                AppendTidy(tidy, c);
        }

        return tidy.ToString().TrimEnd();
    }

    private static void AppendTidy(StringBuilder tidy, char c)
    {
        if (char.IsControl(c) || char.IsWhiteSpace(c))
        {
            if (tidy.Length > 0 && tidy[^1] != ' ')
                tidy.Append(' ');
            return;
        }

        tidy.Append(c);
    }
}
