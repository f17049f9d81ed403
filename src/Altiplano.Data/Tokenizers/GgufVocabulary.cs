namespace Altiplano.Data.Tokenizers;

/// <summary>A tokenizer as GGUF metadata holds it (tokenizer.ggml.*).</summary>
/// <param name="Model">tokenizer.ggml.model</param>
/// <param name="Pre">tokenizer.ggml.pre: which splitter llama.cpp takes, and whether it looks up whole pieces.</param>
/// <param name="Tokens">By id: in GPT-2's byte characters, added tokens as their texts.</param>
/// <param name="TokenTypes">By id: 1 normal, 3 control, 4 user-defined.</param>
/// <param name="Merges">"left right", first to last.</param>
/// <param name="EotId">End of a turn.</param>
/// <param name="EomId">End of a message that awaits a tool's result.</param>
public sealed record GgufVocabulary(
    string Model, string Pre, IReadOnlyList<string> Tokens, IReadOnlyList<int> TokenTypes, IReadOnlyList<string> Merges,
    int? BosId, int? EosId, int? EotId, int? EomId)
{
    internal const int Normal = 1, Control = 3, UserDefined = 4;

    public static GgufVocabulary Of(Tokenizer tokenizer)
    {
        var parts = tokenizer.Parts;
        var tokens = parts.Tokens.Select(token => ByteUnicode.Encode(token)).ToArray();
        var types = Enumerable.Repeat(Normal, tokens.Length).ToArray();
        foreach (var added in parts.Added)
        {
            tokens[added.Id] = added.Text;
            types[added.Id] = added.IsSpecial ? Control : UserDefined;
        }
        return new GgufVocabulary(
            "gpt2", PreOf(parts), tokens, types, [.. parts.Merges.Select(parts.MergeText)],
            parts.BosId, parts.EosId, Id(tokenizer, "<|eot_id|>", "<|eot|>"), Id(tokenizer, "<|eom_id|>", "<|eom|>"));
    }

    /// <summary>The tokenizer that these metadata describe.</summary>
    /// <param name="source">The file that they come from, for messages.</param>
    /// <exception cref="DataFormatException">They describe no byte-level BPE of a known split pattern.</exception>
    public Tokenizer ToTokenizer(string source) => GgufVocabularyReader.Read(this, source);

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
