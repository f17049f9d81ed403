using Altiplano.Data.Tokenizers;

namespace Altiplano.Training.Generation;

/// <summary>Text as a model reads the beginning of one.</summary>
public static class Prompt
{
    /// <summary>
    /// Begin of text, where the tokenizer has one, then the text; special tokens in it are text like any other.
    /// </summary>
    public static List<int> Encode(Tokenizer tokenizer, string text)
    {
        List<int> ids = tokenizer.BosId is { } bos ? [bos] : [];
        tokenizer.Encode(text, ids);
        return ids;
    }
}
