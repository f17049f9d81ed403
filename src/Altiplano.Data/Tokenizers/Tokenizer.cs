using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>Byte-level BPE: text to token ids and back. Safe for use by many threads at a time.</summary>
public sealed class Tokenizer
{
    private static readonly string[] s_stops =
        ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|eom|>", "<|eot|>", "<|endoftext|>", "<|im_end|>"];

    private readonly BpeModel _model;
    private readonly SpecialMatcher _specialMatcher;
    private readonly Dictionary<int, AddedToken> _added;
    private readonly ConcurrentBag<TextEncoder> _encoders = [];
    private readonly Lazy<string> _hash;
    private readonly Lazy<bool> _isFromMeta;

    internal Tokenizer(TokenizerParts parts)
    {
        Parts = parts;
        _model = parts.ToModel();
        _added = parts.Added.ToDictionary(token => token.Id);
        Specials = parts.Added.ToFrozenDictionary(token => token.Text, token => token.Id);
        _specialMatcher = new SpecialMatcher(Specials);
        StopIds = [.. s_stops.Where(Specials.ContainsKey).Select(text => Specials[text]).Concat(Ids(parts.EosId)).Distinct().Order()];
        _hash = new Lazy<string>(parts.Hash);
        _isFromMeta = new Lazy<bool>(() => PublishedRanks.All.Any(ranks => ranks.IsPrefixOf(parts.Tokens)));
    }

    /// <summary>Ids run from 0 to this, exclusive; special tokens are among them.</summary>
    public int VocabSize => Parts.Tokens.Count;

    /// <summary>Begin of text.</summary>
    public int? BosId => Parts.BosId;

    /// <summary>End of text or, where the files say so, of a turn.</summary>
    public int? EosId => Parts.EosId;

    /// <summary>Where generation ends: end of text, of a message, of a turn; ascending.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>"sha256:..." of all that decides ids; the same for a rank file and the tokenizer.json made from it.</summary>
    public string Hash => _hash.Value;

    /// <summary>
    /// The vocabulary starts with the ranks of Llama 3 or Llama 4, so an export needs Meta's licence beside it.
    /// </summary>
    public bool IsFromMeta => _isFromMeta.Value;

    /// <summary>Ids of the added tokens by their texts.</summary>
    public IReadOnlyDictionary<string, int> Specials { get; }

    internal TokenizerParts Parts { get; }

    /// <summary>
    /// Reads a Hugging Face tokenizer.json, a rank file (tokenizer.model, *.tiktoken), or a folder that has one of the two.
    /// </summary>
    /// <exception cref="DataFormatException">
    /// The file is not byte-level BPE of a known split pattern, or is damaged or absent.
    /// </exception>
    public static Tokenizer Load(string path)
    {
        var file = TokenizerFile.Find(path);
        return new Tokenizer(file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? HuggingFaceTokenizerReader.Read(file) : RankFile.Read(file));
    }

    /// <summary>Appends the ids of ordinary text: the texts of special tokens in it are text like any other.</summary>
    /// <remarks>A surrogate without its other half counts as U+FFFD. No length limit and no cuts inside long runs.</remarks>
    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        if (!_encoders.TryTake(out var encoder))
            encoder = new TextEncoder(_model);
        encoder.Encode(text, ids);
        _encoders.Add(encoder);
    }

    /// <summary>
    /// Ids of text in which the texts of added tokens stand for these, as in Hugging Face's tokenizers; no begin of text.
    /// </summary>
    public List<int> EncodeWithSpecials(string text)
    {
        var ids = new List<int>();
        var rest = text.AsSpan();
        while (_specialMatcher.TryFind(rest, out var start, out var length, out var id))
        {
            Encode(rest[..start], ids);
            ids.Add(id);
            rest = rest[(start + length)..];
        }
        Encode(rest, ids);
        return ids;
    }

    /// <summary>Bytes of text that a token stands for; 0 for a special token.</summary>
    public int CountBytes(int id) => Bytes(id).Length;

    /// <summary>The bytes that a token stands for, which need not be whole characters; none for a special token.</summary>
    /// <exception cref="DataFormatException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> Bytes(int id)
    {
        if ((uint)id >= (uint)VocabSize)
        {
            throw new DataFormatException(
                $"token id {id} is outside the vocabulary of {VocabSize:N0} tokens (0 to {VocabSize - 1:N0})."
                + " Is the tokenizer the data's?");
        }
        return _model.Vocabulary[id];
    }

    /// <summary>
    /// Text of ids: their bytes joined, then read as UTF-8 with U+FFFD for what is none; special tokens as their texts.
    /// </summary>
    /// <exception cref="DataFormatException">An id is outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(4 * ids.Length);
        foreach (var id in ids)
        {
            var token = Bytes(id);
            bytes.AddRange(_added.TryGetValue(id, out var added) ? Encoding.UTF8.GetBytes(added.Text) : token);
        }
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    private static IEnumerable<int> Ids(int? id) => id is { } value ? [value] : [];
}
