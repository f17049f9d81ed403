using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>
/// Meta's tokenizer.model: a line "base64 rank" for every token of the base vocabulary. Pattern and specials are not in it.
/// </summary>
internal static class RankFile
{
    /// <exception cref="DataFormatException">
    /// Not a rank file, or not one of the two whose pattern and specials are known.
    /// </exception>
    public static TokenizerParts Read(string path)
    {
        var tokens = ReadTokens(path);
        var published = PublishedRanks.All.FirstOrDefault(ranks => ranks.IsPrefixOf(tokens) && ranks.Count == tokens.Count)
            ?? throw new DataFormatException(
                $"{path}: {tokens.Count:N0} ranks that are not those of {PublishedRanks.Names}. A rank file says neither how text is"
                + " split nor which special tokens there are, so only these can be read. Truncated or edited?"
                + " Any other vocabulary: use a tokenizer.json.");
        var added = published.Specials.Select((name, index) => new AddedToken(tokens.Count + index, $"<|{name}|>")).ToList();
        var all = new List<byte[]>(tokens);
        all.AddRange(added.Select(_ => Array.Empty<byte>()));
        return new TokenizerParts(
            all, RankMerges.Of(Vocabulary.Create(tokens, path)), published.Scanner, IgnoreMerges: true, added,
            BosId: tokens.Count, EosId: tokens.Count + 1, path);
    }

    /// <summary>SHA-256 of the rank file that has the first tokens of a vocabulary.</summary>
    public static string HashOf(IEnumerable<byte[]> tokens)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rank = 0;
        foreach (var token in tokens)
            sha.AppendData(Encoding.ASCII.GetBytes($"{Convert.ToBase64String(token)} {rank++}\n"));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static List<byte[]> ReadTokens(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0)
            throw new DataFormatException($"{path}: the file is empty; a rank file has a line \"base64 rank\" for every token.");
        var byRank = new SortedDictionary<int, byte[]>();
        var line = 0;
        foreach (var range in bytes.AsSpan().Split((byte)'\n'))
        {
            line++;
            var text = bytes.AsSpan(range).TrimEnd((byte)'\r');
            if (text.IsEmpty)
                continue;
            var (token, rank) = ReadLine(text, path, line);
            if (!byRank.TryAdd(rank, token))
                throw new DataFormatException($"{path}: line {line} gives rank {rank} a second time; every rank has one token.");
        }
        return InOrder(byRank, path);
    }

    private static (byte[] Token, int Rank) ReadLine(ReadOnlySpan<byte> text, string path, int line)
    {
        var space = text.IndexOf((byte)' ');
        var token = space > 0 && Base64.IsValid(text[..space])
            ? Convert.FromBase64String(Encoding.ASCII.GetString(text[..space])) : [];
        if (token.Length > 0 && int.TryParse(text[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var rank))
            return (token, rank);
        throw new DataFormatException(
            $"{path}: line {line} is not \"base64 rank\". A rank file has one such line for every token;"
            + " a SentencePiece model (Llama 2) has none and is not supported. Is the file truncated?");
    }

    private static List<byte[]> InOrder(SortedDictionary<int, byte[]> byRank, string path)
    {
        var tokens = new List<byte[]>(byRank.Count);
        foreach (var (rank, token) in byRank)
        {
            if (rank != tokens.Count)
            {
                throw new DataFormatException(
                    $"{path}: rank {tokens.Count} is absent, the next is {rank}; ranks run from 0 without a gap.");
            }
            tokens.Add(token);
        }
        return tokens;
    }
}
