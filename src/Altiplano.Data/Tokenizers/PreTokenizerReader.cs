using System.Text.Json;

namespace Altiplano.Data.Tokenizers;

/// <summary>Which scanner a pre_tokenizer of a tokenizer.json asks for.</summary>
internal static class PreTokenizerReader
{
    /// <exception cref="DataFormatException">Another splitting than that of a known pattern followed by ByteLevel.</exception>
    public static PieceScanner Read(JsonElement? preTokenizer, string path)
    {
        JsonElement[] steps = preTokenizer switch
        {
            null => [],
            { } one when HuggingFaceTokenizerReader.Type(one) == "Sequence" => [.. one.GetProperty("pretokenizers").EnumerateArray()],
            { } one => [one],
        };
        var kinds = string.Join(", ", steps.Select(HuggingFaceTokenizerReader.Type));
        if (kinds is not ("ByteLevel" or "Split, ByteLevel"))
            throw new DataFormatException($"{path}: pre_tokenizer is [{kinds}]; byte-level BPE has [Split, ByteLevel] or [ByteLevel].");
        if (HuggingFaceTokenizerReader.Flag(steps[^1], "add_prefix_space"))
            throw new DataFormatException($"{path}: pre_tokenizer ByteLevel has add_prefix_space true, which is not supported.");
        // Absent means true, as in Hugging Face's reader.
        var byteLevelSplits = HuggingFaceTokenizerReader.Child(steps[^1], "use_regex") is not { ValueKind: JsonValueKind.False };
        if (byteLevelSplits == steps.Length > 1)
        {
            throw new DataFormatException(
                $"{path}: pre_tokenizer [{kinds}] with ByteLevel.use_regex {(byteLevelSplits ? "true" : "false")}"
                + " splits text twice or not at all, which is not supported.");
        }
        return byteLevelSplits ? new Gpt2Scanner() : OfSplit(steps[0], path);
    }

    private static PieceScanner OfSplit(JsonElement split, string path)
    {
        var pattern = HuggingFaceTokenizerReader.Child(split.GetProperty("pattern"), "Regex")?.GetString() ?? "";
        var behaviour = HuggingFaceTokenizerReader.Child(split, "behavior")?.GetString();
        var isInverted = HuggingFaceTokenizerReader.Flag(split, "invert");
        // The patterns cover all text, so that to isolate the matches and to drop what is between them is the same.
        if ((behaviour, isInverted) is not (("Isolated", false) or ("Removed", true)))
        {
            throw new DataFormatException(
                $"{path}: pre_tokenizer Split has behavior \"{behaviour}\" and invert {(isInverted ? "true" : "false")};"
                + " supported is \"Isolated\", false.");
        }
        return PieceScanner.For(pattern) ?? throw new DataFormatException(
            $"{path}: the split pattern \"{pattern}\" is not one of those that are supported,"
            + $" which are the patterns of {PieceScanner.KnownNames}.");
    }
}
