using System.Text.Json;
using System.Text.Unicode;

namespace Altiplano.Planning.Backtest;

/// <summary>Reads a file of cases: a JSON array, an object with <c>cases</c>, or one case a line. docs/cases.md is its schema.</summary>
public static class CaseFile
{
    /// <exception cref="ConfigException">The file is not JSON, or holds no list of cases.</exception>
    public static IReadOnlyList<PublishedRun> Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <param name="name">What messages call the text.</param>
    public static IReadOnlyList<PublishedRun> Parse(ReadOnlyMemory<byte> utf8, string name)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        if (!Utf8.IsValid(utf8.Span))
            throw new ConfigException($"{name} is not UTF-8. Save the file as UTF-8.");
        if (IsLines(utf8.Span))
            return ParseLines(utf8, name);
        using var document = ParseDocument(utf8, name, firstLine: 1);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("cases", out var cases))
            root = cases;
        return root.ValueKind switch
        {
            JsonValueKind.Array => [.. root.EnumerateArray().Select((json, index) => ReadCase(json, index, name))],
            JsonValueKind.Object => [ReadCase(root, 0, name)],
            _ => throw new ConfigException($"{name} is a JSON {root.ValueKind.ToString().ToLowerInvariant()}. A file of cases is an array of objects."),
        };
    }

    /// <summary>True where the first line is a whole object and more text follows.</summary>
    private static bool IsLines(ReadOnlySpan<byte> utf8)
    {
        var text = utf8.Trim(" \t\r\n"u8);
        var end = text.IndexOf((byte)'\n');
        if (text.IsEmpty || text[0] != (byte)'{' || end < 0)
            return false;
        var reader = new Utf8JsonReader(text[..end]);
        try
        {
            reader.Read();
            return reader.TrySkip();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static List<PublishedRun> ParseLines(ReadOnlyMemory<byte> utf8, string name)
    {
        var runs = new List<PublishedRun>();
        for (var (start, line) = (0, 1); start < utf8.Length; line++)
        {
            var length = utf8.Span[start..].IndexOf((byte)'\n');
            var text = utf8.Slice(start, length < 0 ? utf8.Length - start : length);
            start += text.Length + 1;
            if (text.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            using var document = ParseDocument(text, name, line);
            runs.Add(ReadCase(document.RootElement, runs.Count, name));
        }

        return runs;
    }

    private static PublishedRun ReadCase(JsonElement json, int index, string name)
    {
        try
        {
            return CaseReader.Read(json, index);
        }
        catch (InvalidOperationException)
        {
            throw new ConfigException($"{name}, case {index + 1}: a text has half of a surrogate pair (\\uD800 to \\uDFFF). Write both halves.");
        }
    }

    private static JsonDocument ParseDocument(ReadOnlyMemory<byte> utf8, string name, int firstLine)
    {
        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException problem)
        {
            throw new ConfigException(JsonFault.Describe(utf8.Span, problem, name, firstLine));
        }
    }
}
