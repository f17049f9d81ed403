using System.Globalization;
using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>What the split patterns ask of a character. A mark (\p{M}) is both Upper and Lower and no Letter.</summary>
[Flags]
internal enum CharClass : byte
{
    Other = 0,
    /// <summary>\p{L}</summary>
    Letter = 1,
    /// <summary>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</summary>
    Upper = 2,
    /// <summary>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</summary>
    Lower = 4,
    /// <summary>\p{N}</summary>
    Number = 8,
    /// <summary>\s, Unicode's White_Space</summary>
    Space = 16,
    /// <summary>\r or \n; also a Space</summary>
    Newline = 32,
}

/// <summary>
/// Classes of characters by code point; a surrogate without its other half is Other, like U+FFFD, which replaces it.
/// </summary>
internal static class CharClasses
{
    private static readonly CharClass[] s_basicPlane = [.. Enumerable.Range(0, 0x10000).Select(OfBasicPlane)];

    /// <summary>Class of the character that starts at <paramref name="index"/> and its length in UTF-16 units.</summary>
    public static CharClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        var unit = text[index];
        length = 1;
        return char.IsHighSurrogate(unit) ? OfPair(text, index, ref length) : s_basicPlane[unit];
    }

    private static CharClass OfPair(ReadOnlySpan<char> text, int index, ref int length)
    {
        if (index + 1 == text.Length || !Rune.TryCreate(text[index], text[index + 1], out var rune))
            return CharClass.Other;
        length = 2;
        return Of(rune);
    }

    private static CharClass OfBasicPlane(int unit) => Rune.TryCreate((char)unit, out var rune) ? Of(rune) : CharClass.Other;

    private static CharClass Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharClass.Letter | CharClass.Upper,
        UnicodeCategory.LowercaseLetter => CharClass.Letter | CharClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter | CharClass.Upper | CharClass.Lower,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            => CharClass.Upper | CharClass.Lower,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
        _ when rune.Value is '\r' or '\n' => CharClass.Space | CharClass.Newline,
        _ when Rune.IsWhiteSpace(rune) => CharClass.Space,
        _ => CharClass.Other,
    };
}
