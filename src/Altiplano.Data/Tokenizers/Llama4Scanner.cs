namespace Altiplano.Data.Tokenizers;

/// <summary>The pattern of Llama 4, which cuts words at changes from lower to upper case.</summary>
internal sealed class Llama4Scanner : PieceScanner
{
    private const CharClass NotPrefix = CharClass.Newline | CharClass.Letter | CharClass.Number;

    public override string Name => "Llama 4";

    public override string Pattern =>
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int End(ReadOnlySpan<char> text, int start)
    {
        var first = CharClasses.At(text, start, out var length);
        var end = Word(text, start, (first & NotPrefix) == 0 ? start + length : start);
        if (end > start)
            return Contraction(text, end, ignoreCase: true);
        if (first == CharClass.Number)
            return Numbers(text, start, max: 3);
        end = Punctuation(text, start);
        return end > start ? NewlinesOrSlashes(text, end) : LinesOrSpaces(text, start);
    }

    /// <summary>
    /// Index after a word that starts behind its prefix or, where the prefix is a mark and so a letter too, with it.
    /// </summary>
    private static int Word(ReadOnlySpan<char> text, int start, int afterPrefix)
    {
        var end = LowerWord(text, afterPrefix);
        if (end > afterPrefix)
            return end;
        end = LowerWord(text, start);
        if (end > start)
            return end;
        end = Run(text, afterPrefix, CharClass.Upper);
        return end > afterPrefix ? end : start;
    }

    /// <summary>Index after <c>Upper*Lower+</c>; <paramref name="start"/> where it does not match.</summary>
    /// <remarks>Upper* is greedy and gives back until a Lower follows: the last character of its run that is both.</remarks>
    private static int LowerWord(ReadOnlySpan<char> text, int start)
    {
        var afterLower = start;
        var end = start;
        while (end < text.Length)
        {
            var current = CharClasses.At(text, end, out var length);
            if ((current & CharClass.Upper) == 0)
                return (current & CharClass.Lower) != 0 ? Run(text, end, CharClass.Lower) : afterLower;
            end += length;
            if ((current & CharClass.Lower) != 0)
                afterLower = end;
        }
        return afterLower;
    }

    private static int NewlinesOrSlashes(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length && text[start] is '\r' or '\n' or '/')
            start++;
        return start;
    }
}
