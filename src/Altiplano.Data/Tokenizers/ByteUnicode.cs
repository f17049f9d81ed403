namespace Altiplano.Data.Tokenizers;

/// <summary>GPT-2's one-to-one map of bytes to printable characters, in which files hold byte-level tokens.</summary>
/// <remarks>Printable Latin-1 bytes stand for themselves; the 68 others follow, in order, from U+0100.</remarks>
internal static class ByteUnicode
{
    private const int MaxChar = 0x100 + 68;

    /// <summary>The 256 bytes in the order of their characters: the ids 0 to 255 of Llama's vocabularies.</summary>
    public static IReadOnlyList<byte> Order { get; } =
        [.. Enumerable.Range(0, 256).OrderBy(value => IsPrintable(value) ? 0 : 1).Select(value => (byte)value)];

    private static readonly char[] s_charOfByte = CharsOfBytes();
    private static readonly short[] s_byteOfChar = BytesOfChars();

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            chars[i] = s_charOfByte[bytes[i]];
        return new string(chars);
    }

    /// <summary>The bytes; null when a character is not of the map.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> chars)
    {
        var bytes = new byte[chars.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (chars[i] >= MaxChar || s_byteOfChar[chars[i]] < 0)
                return null;
            bytes[i] = (byte)s_byteOfChar[chars[i]];
        }
        return bytes;
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static char[] CharsOfBytes()
    {
        var chars = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
            chars[value] = IsPrintable(value) ? (char)value : (char)next++;
        return chars;
    }

    private static short[] BytesOfChars()
    {
        var bytes = new short[MaxChar];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
            bytes[s_charOfByte[value]] = (short)value;
        return bytes;
    }
}
