using System.Text;
using System.Text.Json;

namespace Altiplano.Planning;

/// <summary>Says in our words where a text stops being JSON.</summary>
public static class JsonFault
{
    /// <param name="utf8">The text that could not be parsed.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="firstLine">Line of the file in which the text begins, from 1.</param>
    public static string Describe(ReadOnlySpan<byte> utf8, JsonException problem, string name, long firstLine = 1)
    {
        if (utf8.Trim(" \t\r\n"u8).IsEmpty)
            return $"{name} is empty, but JSON is needed.";
        var line = problem.LineNumber ?? 0;
        var rest = Skip(utf8, line);
        var bytes = (int)Math.Min(problem.BytePositionInLine ?? 0, rest.Length);
        var column = Encoding.UTF8.GetCharCount(rest[..bytes]) + 1;
        return $"{name}, line {firstLine + line}, column {column}: not JSON. {What(rest[bytes..])}";
    }

    private static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> utf8, long lines)
    {
        for (; lines > 0 && utf8.IndexOf((byte)'\n') is >= 0 and var end; lines--)
            utf8 = utf8[(end + 1)..];
        return utf8;
    }

    private static string What(ReadOnlySpan<byte> rest)
    {
        if (rest.Trim(" \t\r\n"u8).IsEmpty)
            return "The text ends before the JSON does.";
        Rune.DecodeFromUtf8(rest, out var found, out _);
        return Rune.IsControl(found) || Rune.IsWhiteSpace(found)
            ? $"U+{found.Value:X4} cannot stand there."
            : $"\"{found}\" cannot stand there.";
    }
}
