namespace Altiplano.Data.Tokenizers;

/// <summary>A split pattern, written out by hand over code points: cuts text into the pieces that merges never cross.</summary>
internal abstract class PieceScanner
{
    private const CharClass NotPunctuation = CharClass.Space | CharClass.Letter | CharClass.Number;

    private static readonly PieceScanner[] s_known = [new Llama3Scanner(), new Llama4Scanner(), new Gpt2Scanner()];

    /// <summary>Model that made the pattern known, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The pattern as a regular expression, exactly as tokenizer.json files hold it.</summary>
    public abstract string Pattern { get; }

    public static string KnownNames => string.Join(", ", s_known.Select(scanner => scanner.Name));

    /// <summary>The scanner of exactly this pattern; null when none is known.</summary>
    public static PieceScanner? For(string pattern) => Array.Find(s_known, scanner => scanner.Pattern == pattern);

    /// <summary>Index after the piece that starts at <paramref name="start"/>, which is inside the text.</summary>
    public abstract int End(ReadOnlySpan<char> text, int start);

    /// <summary>Index after the longest run, from <paramref name="start"/>, of characters that have one of the classes.</summary>
    protected static int Run(ReadOnlySpan<char> text, int start, CharClass classes)
    {
        while (start < text.Length && (CharClasses.At(text, start, out var length) & classes) != 0)
            start += length;
        return start;
    }

    /// <summary>Index after at most <paramref name="max"/> numbers.</summary>
    protected static int Numbers(ReadOnlySpan<char> text, int start, int max)
    {
        for (; max > 0 && start < text.Length && CharClasses.At(text, start, out var length) == CharClass.Number; max--)
            start += length;
        return start;
    }

    /// <summary>Index after <c> ?[^\s\p{L}\p{N}]+</c>; <paramref name="start"/> where it does not match.</summary>
    protected static int Punctuation(ReadOnlySpan<char> text, int start)
    {
        var first = start + (text[start] == ' ' ? 1 : 0);
        var end = first;
        while (end < text.Length && (CharClasses.At(text, end, out var length) & NotPunctuation) == 0)
            end += length;
        return end == first ? start : end;
    }

    /// <summary>Index after <c>\s*[\r\n]+|\s+(?!\S)|\s+</c> at a Space.</summary>
    protected static int LinesOrSpaces(ReadOnlySpan<char> text, int start)
    {
        var end = Run(text, start, CharClass.Space);
        var newline = text[start..end].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : WithoutLastSpace(text, start, end);
    }

    /// <summary>Index after <c>\s+(?!\S)|\s+</c> at a Space.</summary>
    protected static int Spaces(ReadOnlySpan<char> text, int start) =>
        WithoutLastSpace(text, start, Run(text, start, CharClass.Space));

    /// <summary>Index after <c>'s|'t|'re|'ve|'m|'ll|'d</c>; <paramref name="start"/> where it does not match.</summary>
    /// <param name="ignoreCase">Unicode's simple case folding, in which U+017F is an s too.</param>
    protected static int Contraction(ReadOnlySpan<char> text, int start, bool ignoreCase)
    {
        if (start + 1 >= text.Length || text[start] != '\'')
            return start;
        var first = Fold(text[start + 1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
            return start + 2;
        var second = start + 2 < text.Length ? Fold(text[start + 2], ignoreCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? start + 3 : start;
    }

    private static char Fold(char unit, bool ignoreCase) =>
        !ignoreCase ? unit : unit == 'ſ' ? 's' : char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit;

    // The last space of a run goes to the word behind it. Every Space is one UTF-16 unit.
    private static int WithoutLastSpace(ReadOnlySpan<char> text, int start, int end) =>
        end == text.Length || end - start == 1 ? end : end - 1;
}
