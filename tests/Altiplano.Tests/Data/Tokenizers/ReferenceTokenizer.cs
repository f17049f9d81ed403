using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>The definition of byte-level BPE, as plainly as it can be written: a regular expression, then a scan for the best pair.</summary>
/// <remarks>.NET's expressions see UTF-16 units, so the text is matched in a form in which one unit of the same category stands for
/// each code point. In that form ſ is s: .NET's (?i:) does not fold the two, Unicode's simple case folding does.</remarks>
internal sealed class ReferenceTokenizer(
    string pattern, IReadOnlyList<byte[]> tokens, bool ignoreMerges, IReadOnlyList<(string Left, string Right)>? merges = null)
{
    private readonly Regex _pattern = new(pattern);
    private readonly Dictionary<string, int> _ids = tokens.Index().ToDictionary(token => Latin(token.Item), token => token.Index);

    // Without a list of merges, the rank of a pair is that of the token that it becomes.
    private readonly Dictionary<(string, string), int>? _merges = merges?.Index().ToDictionary(merge => merge.Item, merge => merge.Index);

    public static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    public List<int> Encode(string text) =>
        [.. Pieces(text).SelectMany(piece => EncodePiece([.. Encoding.UTF8.GetBytes(piece).Select(value => ((char)value).ToString())]))];

    private IEnumerable<string> Pieces(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var form = string.Concat(runes.Select(StandIn));
        var next = 0;
        foreach (Match match in _pattern.Matches(form))
        {
            match.Index.ShouldBe(next, "the pattern covers all text");
            next += match.Length;
            yield return string.Concat(runes.Skip(match.Index).Take(match.Length));
        }
    }

    private static char StandIn(Rune rune)
    {
        if (rune.IsBmp)
            return rune.Value == 'ſ' ? 's' : (char)rune.Value;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter => 'Ж',
            UnicodeCategory.LowercaseLetter => 'ж',
            UnicodeCategory.TitlecaseLetter => 'ǅ',
            UnicodeCategory.ModifierLetter => 'ʰ',
            UnicodeCategory.OtherLetter => '語',
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '²',
            _ => '§',
        };
    }

    private IEnumerable<int> EncodePiece(List<string> parts)
    {
        if (ignoreMerges && _ids.TryGetValue(string.Concat(parts), out var whole))
            return [whole];
        while (true)
        {
            var ranks = Enumerable.Range(1, parts.Count - 1).Select(i => Rank(parts[i - 1], parts[i])).Append(int.MaxValue).ToList();
            var best = ranks.IndexOf(ranks.Min());
            if (ranks[best] == int.MaxValue)
                return parts.Select(part => _ids[part]);
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
    }

    private int Rank(string left, string right) => _merges is not null
        ? _merges.GetValueOrDefault((left, right), int.MaxValue) : _ids.GetValueOrDefault(left + right, int.MaxValue);
}
