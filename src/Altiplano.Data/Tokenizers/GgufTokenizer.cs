namespace Altiplano.Data.Tokenizers;

/// <summary>A byte-level BPE tokenizer as the metadata of a GGUF file hold it (tokenizer.ggml.*, model gpt2).</summary>
public sealed record GgufTokenizer
{
    internal const int Normal = 1, Control = 3, UserDefined = 4, Unused = 5;

    /// <summary>Which splitter llama.cpp takes, and whether it looks up whole pieces: <c>llama-bpe</c> for Llama 3.</summary>
    public required string Pre { get; init; }

    /// <summary>By id: in GPT-2's byte characters, added tokens as their texts.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>By id: 1 normal, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public required IReadOnlyList<int> TokenTypes { get; init; }

    /// <summary><c>left right</c>, first to last.</summary>
    public IReadOnlyList<string> Merges { get; init; } = [];

    public int? BosId { get; init; }
    public int? EosId { get; init; }

    /// <summary>End of a turn.</summary>
    public int? EotId { get; init; }

    /// <summary>End of a message that awaits a tool's result.</summary>
    public int? EomId { get; init; }

    public int? PadId { get; init; }

    /// <summary>Whether encoding puts <see cref="BosId"/> in front.</summary>
    public bool AddBos { get; init; }

    /// <summary>Jinja; null where the model does not chat.</summary>
    public string? ChatTemplate { get; init; }

    /// <param name="vocabSize">Ids of the model; those beyond the tokenizer's are marked unused.</param>
    public static GgufTokenizer Of(Tokenizer tokenizer, int vocabSize)
    {
        var parts = tokenizer.Parts;
        var tokens = parts.Tokens.Select(token => ByteUnicode.Encode(token)).ToList();
        var types = Enumerable.Repeat(Normal, tokens.Count).ToList();
        foreach (var added in parts.Added)
        {
            tokens[added.Id] = added.Text;
            types[added.Id] = added.IsSpecial ? Control : UserDefined;
        }

        for (var id = tokens.Count; id < vocabSize; id++)
        {
            tokens.Add($"<|unused_{id}|>");
            types.Add(Unused);
        }

        return new GgufTokenizer
        {
            Pre = PreOf(parts), Tokens = tokens, TokenTypes = types, Merges = [.. parts.Merges.Select(parts.MergeText)],
            BosId = parts.BosId, EosId = parts.EosId, EotId = Id(tokenizer, "<|eot_id|>", "<|eot|>"),
            EomId = Id(tokenizer, "<|eom_id|>", "<|eom|>"), AddBos = parts.BosId is not null,
            ChatTemplate = ChatFormat.For(tokenizer)?.Template,
        };
    }

    /// <summary>The tokenizer that these metadata describe.</summary>
    /// <param name="source">The file that they come from, for messages.</param>
    /// <exception cref="DataFormatException">They describe no byte-level BPE of a known split pattern.</exception>
    public Tokenizer ToTokenizer(string source) => GgufTokenizerReader.Read(this, source);

    // llama.cpp: "llama-bpe" and "smaug-bpe" split alike, and only the former looks up whole pieces before it merges.
    private static string PreOf(TokenizerParts parts) => parts.Scanner switch
    {
        Llama4Scanner => "llama4",
        Gpt2Scanner => "gpt-2",
        _ => parts.IgnoreMerges ? "llama-bpe" : "smaug-bpe",
    };

    private static int? Id(Tokenizer tokenizer, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (tokenizer.Specials.TryGetValue(text, out var id))
                return id;
        }

        return null;
    }
}
