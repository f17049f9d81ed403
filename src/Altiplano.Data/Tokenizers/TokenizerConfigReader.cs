using System.Text.Json;

namespace Altiplano.Data.Tokenizers;

/// <summary>
/// Which tokens begin and end a text: tokenizer_config.json beside the file, else the post-processor, else usual names.
/// </summary>
internal static class TokenizerConfigReader
{
    public static (int? Bos, int? Eos) BosAndEos(JsonElement tokenizer, IReadOnlyList<AddedToken> added, string path)
    {
        var config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "tokenizer_config.json");
        using var document = File.Exists(config) ? HuggingFaceTokenizerReader.Parse(config) : null;
        int? Id(string? text) => added.Where(token => token.Text == text).Select(token => (int?)token.Id).FirstOrDefault();
        int? Configured(string name) => document is null || Text(document.RootElement, name) is not { } text ? null
            : Id(text) ?? throw new DataFormatException(
                $"{config}: {name} is \"{text}\", which is not among the added_tokens of {path}.");

        return (
            Configured("bos_token") ?? Id(FirstOfTemplate(tokenizer)) ?? Id("<|begin_of_text|>"),
            Configured("eos_token") ?? Id("<|end_of_text|>") ?? Id("<|endoftext|>"));
    }

    private static string? Text(JsonElement config, string name) => HuggingFaceTokenizerReader.Child(config, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } token => token.GetProperty("content").GetString(),
        _ => null,
    };

    /// <summary>The special token that a TemplateProcessing step puts in front of a text.</summary>
    private static string? FirstOfTemplate(JsonElement tokenizer)
    {
        if (HuggingFaceTokenizerReader.Child(tokenizer, "post_processor") is not { } processor)
            return null;
        IEnumerable<JsonElement> steps = HuggingFaceTokenizerReader.Type(processor) == "Sequence"
            ? processor.GetProperty("processors").EnumerateArray() : [processor];
        foreach (var step in steps.Where(step => HuggingFaceTokenizerReader.Type(step) == "TemplateProcessing"))
        {
            foreach (var item in step.GetProperty("single").EnumerateArray().Take(1))
                return HuggingFaceTokenizerReader.Child(item, "SpecialToken")?.GetProperty("id").GetString();
        }
        return null;
    }
}
