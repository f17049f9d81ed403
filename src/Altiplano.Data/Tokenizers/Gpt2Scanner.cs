namespace Altiplano.Data.Tokenizers;

/// <summary>The pattern of GPT-2, which is what a ByteLevel pre-tokenizer with use_regex means.</summary>
internal sealed class Gpt2Scanner : PieceScanner
{
    public const string Regex = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public override string Name => "GPT-2";

    public override string Pattern => Regex;

    public override int End(ReadOnlySpan<char> text, int start)
    {
        var contraction = Contraction(text, start, ignoreCase: false);
        if (contraction > start)
            return contraction;
        var word = start + (text[start] == ' ' ? 1 : 0);
        var end = Run(text, word, CharClass.Letter);
        if (end == word)
            end = Run(text, word, CharClass.Number);
        if (end > word)
            return end;
        end = Punctuation(text, start);
        return end > start ? end : Spaces(text, start);
    }
}
