using System.Buffers;
using System.Text;

namespace Altiplano.Data.Corpora;

/// <summary>Reads a text file as one document, in parts when it is large.</summary>
internal static class PlainTextReader
{
    public const int PartBytes = 1 << 20;
    private const int MaxPartBytes = 64 << 20;

    public static IEnumerable<TextPart> Read(CorpusFile file, CorpusOptions options)
    {
        using var stream = file.Open(out var disk);
        var window = new ByteWindow(stream, PartBytes);
        window.Fill();
        window.SkipByteOrderMark();
        var isFirst = true;
        while (!window.Bytes.IsEmpty)
        {
            var length = PartLength(window);
            var text = Utf8Text.Decode(window.Bytes[..length], file, window.Offset, line: 0, options);
            window.Consume(length);
            window.Fill();
            yield return new TextPart(0, text, isFirst, window.Bytes.IsEmpty)
            {
                FileBytesRead = disk.Position,
            };
            isFirst = false;
        }
    }

    /// <summary>All that is left, or up to the last place in view where a document may be cut.</summary>
    private static int PartLength(ByteWindow window)
    {
        while (!window.IsAtEnd)
        {
            var cut = LastCut(window.Bytes);
            if (cut > 0)
                return cut;
            if (window.Size >= MaxPartBytes)
                return LastRuneStart(window.Bytes);
            window.Grow();
        }

        return window.Bytes.Length;
    }

    /// <summary>Index of the last letter or digit that follows a line break; 0 when there is none.</summary>
    private static int LastCut(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.Length;
        while (true)
        {
            var newline = bytes[..end].LastIndexOf((byte)'\n');
            if (newline < 0)
                return 0;
            if (Rune.DecodeFromUtf8(bytes[(newline + 1)..], out var next, out _) == OperationStatus.Done
                && Rune.IsLetterOrDigit(next))
                return newline + 1;
            end = newline;
        }
    }

    private static int LastRuneStart(ReadOnlySpan<byte> bytes)
    {
        var index = bytes.Length - 1;
        while (index > bytes.Length - 4 && (bytes[index] & 0xC0) == 0x80)
            index--;
        return index;
    }
}
