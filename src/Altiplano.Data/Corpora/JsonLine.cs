using System.Text.Json;

namespace Altiplano.Data.Corpora;

/// <summary>One line of a JSONL file, and the errors that it may hold.</summary>
internal readonly struct JsonLine(CorpusFile file, long line, string textKey)
{
    /// <exception cref="DataFormatException">
    /// The line is not a JSON object, or its text key is absent or not a string.
    /// </exception>
    public string ReadText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            return Find(ref reader);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(
                $"{file.Path}: line {line} is not one JSON object: {e.Message} Mend or remove the line.", e);
        }
        catch (InvalidOperationException e) // what the reader throws for half a surrogate pair
        {
            throw new DataFormatException(
                $"{file.Path}: line {line} has a \\u escape in \"{textKey}\" that is half a surrogate pair, which is no character. " +
                "Mend the line, or replace such escapes by U+FFFD with --invalid-utf8 replace.", e);
        }
    }

    private string Find(ref Utf8JsonReader reader)
    {
        string? text = null;
        var keys = new List<string>();
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new DataFormatException(
                $"{file.Path}: line {line} is a JSON {NameOf(reader.TokenType)}; an object with the key \"{textKey}\" is " +
                "needed.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isText = reader.ValueTextEquals(textKey);
            if (text is null && !isText)
                keys.Add(reader.GetString()!);
            reader.Read();
            if (isText)
                text = TextOf(ref reader);
            reader.Skip();
        }

        reader.Read(); // anything behind the object is an error of the reader's
        return text ?? throw new DataFormatException(
            $"{file.Path}: line {line} has no key \"{textKey}\"; its keys are {string.Join(", ", keys)}. Name the key of the " +
            "text with --text-key.");
    }

    private string TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : throw new DataFormatException(
                $"{file.Path}: line {line} has a {NameOf(reader.TokenType)} under \"{textKey}\"; a string is needed. Name the " +
                "key of the text with --text-key.");

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.Number => "number",
        JsonTokenType.String => "string",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };
}
