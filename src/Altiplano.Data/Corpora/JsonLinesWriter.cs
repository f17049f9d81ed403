using System.Text.Encodings.Web;
using System.Text.Json;

namespace Altiplano.Data.Corpora;

/// <summary>Writes documents as JSONL that <see cref="Corpus"/> reads back.</summary>
public static class JsonLinesWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one object a line with the keys <c>name</c> and <c>text</c>; replaces the file.</summary>
    public static void Write(string path, IEnumerable<Document> documents)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, s_options);
        foreach (var document in documents)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, document.Name);
            json.WriteString("text"u8, document.Text);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            stream.WriteByte((byte)'\n');
        }
    }
}
