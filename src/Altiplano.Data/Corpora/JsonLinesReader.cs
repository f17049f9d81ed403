using System.Text;
using System.Text.Json;

namespace Altiplano.Data.Corpora;

/// <summary>Reads one document from each line of JSON.</summary>
internal static class JsonLinesReader
{
    private const int WindowBytes = 1 << 20;
    private const int MaxLineBytes = 1 << 30;

    public static IEnumerable<TextPart> Read(CorpusFile file, CorpusOptions options)
    {
        using var stream = file.Open(out var disk);
        var window = new ByteWindow(stream, WindowBytes);
        window.Fill();
        window.SkipByteOrderMark();
        for (var line = 1L; TryFindLine(window, file, line, out var length); line++)
        {
            var text = ReadText(window, length, file, line, options);
            window.Consume(Math.Min(length + 1, window.Bytes.Length));
            if (text.Length > 0)
                yield return new TextPart(line, text) { FileBytesRead = disk.Position };
        }
    }

    private static bool TryFindLine(ByteWindow window, CorpusFile file, long line, out int length)
    {
        while ((length = window.Bytes.IndexOf((byte)'\n')) < 0 && !window.IsAtEnd)
        {
            if (window.Bytes.Length < window.Size)
                window.Fill();
            else if (window.Size < MaxLineBytes)
                window.Grow();
            else
                throw new DataFormatException(
                    $"{file.Path}: line {line} is longer than {MaxLineBytes:N0} bytes. Is this JSONL? Split the line.");
        }

        if (length < 0)
            length = window.Bytes.Length;
        return !(window.IsAtEnd && window.Bytes.IsEmpty);
    }

    private static string ReadText(ByteWindow window, int length, CorpusFile file, long line, CorpusOptions options)
    {
        var bytes = window.Bytes[..length];
        if (bytes.Trim(" \t\r"u8).IsEmpty)
            return "";
        if (options.InvalidUtf8 == InvalidUtf8.Error)
            Utf8Text.Check(bytes, file, window.Offset, line);
        else
            bytes = JsonRepair.ReplaceInvalid(bytes);
        return new JsonLine(file, line, options.TextKey).ReadText(bytes);
    }
}
