using System.Text.Encodings.Web;
using System.Text.Json;

namespace Altiplano.Data.Tokenizers;

/// <summary>Writes a tokenizer as Hugging Face's loaders read it, laid out like Llama 3's.</summary>
public static class HuggingFaceTokenizerJson
{
    /// <summary>Writes tokenizer.json. A file that exists is replaced only when the new one is complete.</summary>
    public static void Write(Tokenizer tokenizer, string path) =>
        WriteObject(path, isIndented: false, json => WriteTokenizer(json, tokenizer));

    /// <summary>
    /// Writes tokenizer_config.json: bos and eos token, the longest input, a Jinja chat template where there is one.
    /// </summary>
    /// <param name="modelMaxLength">Tokens that the model takes.</param>
    /// <param name="chatTemplate">See <see cref="ChatFormat.Template"/>; null for a model that does not chat.</param>
    public static void WriteConfig(Tokenizer tokenizer, string path, int modelMaxLength, string? chatTemplate = null) =>
        WriteObject(path, isIndented: true, json =>
        {
            var texts = tokenizer.Parts.Added.ToDictionary(token => token.Id, token => token.Text);
            if (tokenizer.BosId is { } bos)
                json.WriteString("bos_token", texts[bos]);
            if (tokenizer.EosId is { } eos)
                json.WriteString("eos_token", texts[eos]);
            if (chatTemplate is not null)
                json.WriteString("chat_template", chatTemplate);
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            json.WriteStartArray("model_input_names");
            json.WriteStringValue("input_ids");
            json.WriteStringValue("attention_mask");
            json.WriteEndArray();
            json.WriteNumber("model_max_length", modelMaxLength);
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        });

    private static void WriteObject(string path, bool isIndented, Action<Utf8JsonWriter> writeProperties)
    {
        var partial = path + ".partial";
        // A token is any text; the file is not HTML.
        var options = new JsonWriterOptions { Indented = isIndented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var stream = File.Create(partial))
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            writeProperties(json);
            json.WriteEndObject();
        }
        File.Move(partial, path, overwrite: true);
    }

    private static void WriteTokenizer(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, tokenizer.Parts.Added);
        json.WriteNull("normalizer");
        WritePreTokenizer(json, tokenizer.Parts.Scanner.Pattern);
        WritePostProcessor(json, tokenizer);
        json.WriteStartObject("decoder");
        WriteByteLevel(json, trimOffsets: true);
        json.WriteEndObject();
        WriteModel(json, tokenizer.Parts);
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, IReadOnlyList<AddedToken> added)
    {
        json.WriteStartArray("added_tokens");
        foreach (var token in added)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Text);
            foreach (var name in (string[])["single_word", "lstrip", "rstrip", "normalized"])
                json.WriteBoolean(name, false);
            json.WriteBoolean("special", token.IsSpecial);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter json, string pattern)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", pattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        json.WriteStartObject();
        WriteByteLevel(json, trimOffsets: true);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, bool trimOffsets)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", trimOffsets);
        json.WriteBoolean("use_regex", false);
    }

    private static void WritePostProcessor(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        json.WriteStartObject("post_processor");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("processors");
        json.WriteStartObject();
        WriteByteLevel(json, trimOffsets: false);
        json.WriteEndObject();
        if (tokenizer.BosId is { } bos)
            WriteTemplate(json, tokenizer.Parts.Added.First(token => token.Id == bos));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Begin of text in front of a text, and of each of a pair.</summary>
    private static void WriteTemplate(Utf8JsonWriter json, AddedToken bos)
    {
        json.WriteStartObject();
        json.WriteString("type", "TemplateProcessing");
        WriteTemplateItems(json, "single", bos.Text, [("A", 0)]);
        WriteTemplateItems(json, "pair", bos.Text, [("A", 0), ("B", 1)]);
        json.WriteStartObject("special_tokens");
        json.WriteStartObject(bos.Text);
        json.WriteString("id", bos.Text);
        json.WriteStartArray("ids");
        json.WriteNumberValue(bos.Id);
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        json.WriteStringValue(bos.Text);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTemplateItems(Utf8JsonWriter json, string name, string bos, (string Id, int Type)[] sequences)
    {
        json.WriteStartArray(name);
        foreach (var (id, type) in sequences)
        {
            WriteTemplateItem(json, "SpecialToken", bos, type);
            WriteTemplateItem(json, "Sequence", id, type);
        }
        json.WriteEndArray();
    }

    private static void WriteTemplateItem(Utf8JsonWriter json, string kind, string id, int type)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, TokenizerParts parts)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", parts.IgnoreMerges);
        json.WriteStartObject("vocab");
        for (var id = 0; id < parts.Tokens.Count; id++)
        {
            if (parts.Tokens[id].Length > 0)
                json.WriteNumber(ByteUnicode.Encode(parts.Tokens[id]), id);
        }
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var merge in parts.Merges)
            json.WriteStringValue(parts.MergeText(merge));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
