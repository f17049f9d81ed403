using Altiplano.Data.Corpora;

namespace Altiplano.Data.Preparation;

/// <summary>Consecutive parts of a corpus that one worker encodes; where it ends depends on the text alone.</summary>
/// <param name="Index">Number of the chunk since the start of this process, from 0.</param>
internal sealed record TextChunk(long Index, IReadOnlyList<TextPart> Parts)
{
    private const int MaxCharacters = 1 << 20;
    private const int MaxParts = 4096;

    /// <summary>Cuts a stream of parts into chunks.</summary>
    public static IEnumerable<TextChunk> Cut(IEnumerable<TextPart> parts)
    {
        var (index, characters, chunk) = (0L, 0L, new List<TextPart>());
        foreach (var part in parts)
        {
            chunk.Add(part);
            characters += part.Text.Length;
            if (characters < MaxCharacters && chunk.Count < MaxParts)
                continue;
            yield return new TextChunk(index++, chunk);
            (characters, chunk) = (0, []);
        }

        if (chunk.Count > 0)
            yield return new TextChunk(index, chunk);
    }
}
