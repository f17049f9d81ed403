using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Altiplano.Data.Corpora;

/// <summary>Makes a line of JSON decodable: ill-formed UTF-8 and halves of surrogate pairs become U+FFFD.</summary>
internal static class JsonRepair
{
    private const int EscapeLength = 6; // \uXXXX

    public static ReadOnlySpan<byte> ReplaceInvalid(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        if (json.IndexOf("\\u"u8) < 0)
            return json;
        var repaired = json.ToArray();
        ReplaceHalfPairs(repaired);
        return repaired;
    }

    private static void ReplaceHalfPairs(Span<byte> json)
    {
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != (byte)'\\')
                continue;
            if (!TryReadEscape(json[i..], out var unit))
            {
                i++; // another escape: its second character is not a start
            }
            else if (char.IsHighSurrogate(unit)
                && TryReadEscape(json[(i + EscapeLength)..], out var low) && char.IsLowSurrogate(low))
            {
                i += (2 * EscapeLength) - 1;
            }
            else
            {
                if (char.IsSurrogate(unit))
                    "\\uFFFD"u8.CopyTo(json[i..]);
                i += EscapeLength - 1;
            }
        }
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> json, out char unit)
    {
        unit = default;
        if (json.Length < EscapeLength || !json.StartsWith("\\u"u8))
            return false;
        var isHex = ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, null, out var value);
        unit = (char)value;
        return isHex;
    }
}
