using System.Text;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Training.Generation;

/// <summary>Text of tokens as they come: a character that several tokens share appears with the last of them.</summary>
public sealed class Utf8Stream(Tokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <returns>The characters that this token completes.</returns>
    public string Append(int token)
    {
        var bytes = tokenizer.Bytes(token);
        Span<char> characters = stackalloc char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush: false)]);
    }
}
