using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Altiplano.Data.Corpora;

/// <summary>Checked decoding of the bytes of a corpus file.</summary>
internal static class Utf8Text
{
    /// <param name="offset">Offset of the bytes in the uncompressed file.</param>
    /// <param name="line">Line that the bytes stand in, from 1; 0 when the file is not counted in lines.</param>
    /// <exception cref="DataFormatException">A byte is not UTF-8, and the options do not say to replace it.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, CorpusFile file, long offset, long line, CorpusOptions options)
    {
        if (options.InvalidUtf8 == InvalidUtf8.Error)
            Check(bytes, file, offset, line);
        return Encoding.UTF8.GetString(bytes); // replaces what is ill-formed
    }

    /// <exception cref="DataFormatException">A byte is not UTF-8.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, CorpusFile file, long offset, long line)
    {
        if (Utf8.IsValid(bytes))
            return;
        var bad = IndexOfInvalid(bytes);
        var place = line > 0 ? $"line {line}, byte {offset + bad}" : $"byte {offset + bad}";
        var counted = file.IsCompressed ? " (counted after decompression)" : "";
        throw new DataFormatException(
            $"{file.Path}: {place}{counted} is 0x{bytes[bad]:X2}, which is not UTF-8 there. " +
            $"Convert the file to UTF-8, for example with iconv, or replace such bytes by U+FFFD with --replace-invalid-utf8.");
    }

    private static int IndexOfInvalid(ReadOnlySpan<byte> bytes)
    {
        var index = 0;
        while (Rune.DecodeFromUtf8(bytes[index..], out _, out var length) == OperationStatus.Done)
            index += length;
        return index;
    }
}
