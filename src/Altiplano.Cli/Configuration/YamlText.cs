using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>YAML text to tree and back.</summary>
internal static class YamlText
{
    /// <summary>Parses a document.</summary>
    /// <returns>An empty mapping for an empty document.</returns>
    /// <exception cref="ConfigException">The text is not YAML, has a key twice, or holds several documents.</exception>
    public static YamlNode Parse(string text, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new ConfigException($"{source}:{error.Start.Line}:{error.Start.Column}: the text is not YAML: {error.Message}");
        }

        return stream.Documents.Count switch
        {
            0 => new YamlMappingNode(),
            1 => stream.Documents[0].RootNode,
            var count => throw new ConfigException($"{source}: the file holds {count} YAML documents, but it must hold one."),
        };
    }

    /// <summary>Reads and parses a file.</summary>
    /// <exception cref="ConfigException">The file cannot be read, or as <see cref="Parse"/> says.</exception>
    public static YamlNode ParseFile(string path)
    {
        if (Directory.Exists(path))
            throw new ConfigException($"{path}: is a folder, but a YAML file is needed.");
        try
        {
            return Parse(File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)), path);
        }
        catch (DecoderFallbackException error)
        {
            throw new ConfigException($"{path}: byte {error.Index} is not UTF-8. Save the file as UTF-8.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: the file cannot be read. {error.Message}");
        }
    }

    public static string Write(YamlNode root)
    {
        var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        const string endMark = "...\n";
        var written = text.ToString();
        return written.EndsWith("\n" + endMark, StringComparison.Ordinal) ? written[..^endMark.Length] : written;
    }

    /// <summary>A short value on one line, in YAML's flow style.</summary>
    public static string Inline(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "null",
        YamlSequenceNode list => $"[{string.Join(", ", list.Select(Inline))}]",
        YamlMappingNode map => $"{{{string.Join(", ", map.Select(pair => $"{Inline(pair.Key)}: {Inline(pair.Value)}"))}}}",
        _ => "",
    };
}
