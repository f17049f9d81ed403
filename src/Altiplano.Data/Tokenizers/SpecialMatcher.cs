using System.Buffers;

namespace Altiplano.Data.Tokenizers;

/// <summary>Finds added tokens in text: the first, and of those that start there the longest.</summary>
internal sealed class SpecialMatcher
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly SearchValues<char> _firstChars;
    private readonly int[] _lengths;

    public SpecialMatcher(IReadOnlyDictionary<string, int> specials)
    {
        _ids = new Dictionary<string, int>(specials, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _firstChars = SearchValues.Create([.. specials.Keys.Select(text => text[0])]);
        _lengths = [.. specials.Keys.Select(text => text.Length).Distinct().OrderDescending()];
    }

    /// <summary>Start, length and id of the first added token; false when there is none.</summary>
    public bool TryFind(ReadOnlySpan<char> text, out int start, out int length, out int id)
    {
        for (start = 0; ; start++)
        {
            var next = text[start..].IndexOfAny(_firstChars);
            if (next < 0)
                break;
            start += next;
            foreach (var candidate in _lengths)
            {
                length = candidate;
                if (start + length <= text.Length && _ids.TryGetValue(text.Slice(start, length), out id))
                    return true;
            }
        }
        (length, id) = (0, -1);
        return false;
    }
}
