using System.Text;
using Altiplano.Data;

namespace Altiplano.Tests.Data;

/// <summary>A tokenizer whose ids are the bytes of the text.</summary>
internal static class ToyTokenizer
{
    public const int Bos = 256;
    public const int Eos = 257;

    public static TokenEncoder Encoder { get; } = new(258, Bos, Eos, "sha256:toy", Encode);

    public static void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        foreach (var b in bytes)
            ids.Add(b);
    }
}
