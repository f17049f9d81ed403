using Altiplano.Data.Tokenizers;
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
        return new GgufTokenizer
        {
            Pre = metadata.Text($"{Prefix}pre") ?? "default",
            Tokens = tokens,
            TokenTypes = metadata.Integers($"{Prefix}token_type") ?? [.. Enumerable.Repeat(1, tokens.Count)],
            Merges = metadata.Texts($"{Prefix}merges") ?? [],
            BosId = metadata.Integer($"{Prefix}bos_token_id"),
            EosId = metadata.Integer($"{Prefix}eos_token_id"),
            EotId = metadata.Integer($"{Prefix}eot_token_id"),
            EomId = metadata.Integer($"{Prefix}eom_token_id"),
            PadId = metadata.Integer($"{Prefix}padding_token_id"),
            AddBos = metadata.Flag($"{Prefix}add_bos_token") ?? false,
            ChatTemplate = metadata.Text("tokenizer.chat_template"),
        };
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

        if (tokenizer.Tokens.Count != vocabSize || tokenizer.TokenTypes.Count != vocabSize)
        {
            throw new ConfigException(
                $"The tokenizer has {tokenizer.Tokens.Count:N0} tokens and {tokenizer.TokenTypes.Count:N0} token types, but the " +
                $"model's vocab_size is {vocabSize:N0}. Pad the tokenizer with unused tokens (type 5), or take the tokenizer " +
                "that the model was trained with.");
        }

        metadata.Add($"{Prefix}model", "gpt2");
        metadata.Add($"{Prefix}pre", tokenizer.Pre);
        metadata.Add($"{Prefix}tokens", tokenizer.Tokens.ToArray());
        metadata.Add($"{Prefix}token_type", tokenizer.TokenTypes.ToArray());
        metadata.Add($"{Prefix}merges", tokenizer.Merges.ToArray());
        AddId(metadata, "bos_token_id", tokenizer.BosId);
        AddId(metadata, "eos_token_id", tokenizer.EosId);
        AddId(metadata, "eot_token_id", tokenizer.EotId);
        AddId(metadata, "eom_token_id", tokenizer.EomId);
        AddId(metadata, "padding_token_id", tokenizer.PadId);
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
