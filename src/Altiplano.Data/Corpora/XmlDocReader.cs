using System.Text;
using System.Xml;

namespace Altiplano.Data.Corpora;

/// <summary>Reads the documentation file that a compiler or an SDK lays beside an assembly.</summary>
internal static class XmlDocReader
{
    private static readonly XmlReaderSettings s_settings = new()
    {
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        DtdProcessing = DtdProcessing.Prohibit,
    };

    /// <returns>The members that have text, in file order.</returns>
    /// <exception cref="DataFormatException">The file is not well-formed XML.</exception>
    public static IReadOnlyList<XmlDocMember> Read(string path)
    {
        try
        {
            using var reader = XmlReader.Create(path, s_settings);
            return ReadMembers(reader);
        }
        catch (XmlException e)
        {
            throw new DataFormatException(
                $"{path} is not well-formed XML: {e.Message} Reinstall the SDK, or give other text with --data.", e);
        }
    }

    private static List<XmlDocMember> ReadMembers(XmlReader reader)
    {
        var members = new List<XmlDocMember>();
        var scratch = new StringBuilder();
        while (reader.ReadToFollowing("member"))
        {
            if (reader.GetAttribute("name") is not { Length: > 2 } id || reader.IsEmptyElement)
                continue;
            var paragraphs = ReadParagraphs(reader, scratch);
            if (paragraphs.Count > 0)
                members.Add(new XmlDocMember(id, paragraphs));
        }

        return members;
    }

    private static List<string> ReadParagraphs(XmlReader reader, StringBuilder scratch)
    {
        var paragraphs = new List<string>();
        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element || reader.Name is not ("summary" or "remarks" or "returns" or "value"))
                continue;
            var text = XmlDocProse.ReadElement(reader, scratch);
            if (text.Length > 0)
                paragraphs.Add(text);
        }

        return paragraphs;
    }
}
