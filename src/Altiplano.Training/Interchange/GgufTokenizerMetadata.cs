using Altiplano.Planning;

namespace Altiplano.Training.Interchange;

/// <summary>The <c>tokenizer.*</c> keys of a GGUF file.</summary>
internal static class GgufTokenizerMetadata
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The byte-level BPE tokenizer; null when the file has none or one of another kind.</summary>
    public static GgufTokenizer? Read(GgufMetadata metadata)
    {
        if (metadata.Text($"{Prefix}model") != "gpt2" || metadata.Texts($"{Prefix}tokens") is not { } tokens)
            return null;
        return new GgufTokenizer(
            metadata.Text($"{Prefix}pre") ?? "default",
            tokens,
            metadata.Integers($"{Prefix}token_type") ?? [.. Enumerable.Repeat(1, tokens.Count)],
            metadata.Texts($"{Prefix}merges") ?? [],
            metadata.Integer($"{Prefix}bos_token_id"),
            metadata.Integer($"{Prefix}eos_token_id"),
            metadata.Integer($"{Prefix}eot_token_id"),
            metadata.Integer($"{Prefix}padding_token_id"),
            metadata.Flag($"{Prefix}add_bos_token") ?? false,
            metadata.Text("tokenizer.chat_template"));
    }

    /// <summary>Adds a tokenizer's keys, or <c>no_vocab</c> for none.</summary>
    /// <exception cref="ConfigException">
    /// The tokenizer is not that of a model with <paramref name="vocabSize"/> words.
    /// </exception>
    public static void Write(GgufMetadata metadata, GgufTokenizer? tokenizer, int vocabSize)
    {
        if (tokenizer is null)
        {
            metadata.Add($"{Prefix}model", "no_vocab");
            return;
        }

        if (tokenizer.Tokens.Count != vocabSize || tokenizer.Types.Count != vocabSize)
        {
            throw new ConfigException(
                $"The tokenizer has {tokenizer.Tokens.Count:N0} tokens and {tokenizer.Types.Count:N0} token types, but the " +
                "model's vocab_size is " +
                $"{vocabSize:N0}. Pad the tokenizer with unused tokens (type 5), or take the tokenizer that the model was " +
                "trained with.");
        }

        metadata.Add($"{Prefix}model", "gpt2");
        metadata.Add($"{Prefix}pre", tokenizer.Pre);
        metadata.Add($"{Prefix}tokens", tokenizer.Tokens.ToArray());
        metadata.Add($"{Prefix}token_type", tokenizer.Types.ToArray());
        metadata.Add($"{Prefix}merges", tokenizer.Merges.ToArray());
        AddId(metadata, "bos_token_id", tokenizer.Bos);
        AddId(metadata, "eos_token_id", tokenizer.Eos);
        AddId(metadata, "eot_token_id", tokenizer.Eot);
        AddId(metadata, "padding_token_id", tokenizer.Pad);
        metadata.Add($"{Prefix}add_bos_token", tokenizer.AddBos);
        if (tokenizer.ChatTemplate is { } template)
            metadata.Add("tokenizer.chat_template", template);
    }

    private static void AddId(GgufMetadata metadata, string key, int? id)
    {
        if (id is { } value)
            metadata.Add(Prefix + key, (uint)value);
    }
}
