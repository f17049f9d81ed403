namespace Altiplano.Data.Tokenizers;

/// <summary>The pattern of Llama 3; also that of the tokenizers that we train.</summary>
internal sealed class Llama3Scanner : PieceScanner
{
    private const CharClass NotPrefix = CharClass.Newline | CharClass.Letter | CharClass.Number;

    public override string Name => "Llama 3";

    public override string Pattern =>
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int End(ReadOnlySpan<char> text, int start)
    {
        var contraction = Contraction(text, start, ignoreCase: true);
        if (contraction > start)
            return contraction;
        var first = CharClasses.At(text, start, out var length);
        var word = (first & NotPrefix) == 0 ? start + length : start;
        var end = Run(text, word, CharClass.Letter);
        if (end > word)
            return end;
        if (first == CharClass.Number)
            return Numbers(text, start, max: 3);
        end = Punctuation(text, start);
        return end > start ? Run(text, end, CharClass.Newline) : LinesOrSpaces(text, start);
    }
}
