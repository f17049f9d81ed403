using System.Text.Json;

namespace Altiplano.Data.Tokenizers;

/// <summary>
/// Reads a Hugging Face tokenizer.json of byte-level BPE; what would change ids and is not supported is an error.
/// </summary>
internal static class HuggingFaceTokenizerReader
{
    /// <exception cref="DataFormatException">
    /// Not JSON, another kind of tokenizer, or one of its parts contradicts another.
    /// </exception>
    public static TokenizerParts Read(string path)
    {
        using var document = Parse(path);
        try
        {
            return Read(document.RootElement, path);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DataFormatException(
                $"{path}: a part of the file has another shape than a byte-level BPE tokenizer.json: {e.Message}", e);
        }
    }

    /// <summary>A JSON file whose root is an object.</summary>
    public static JsonDocument Parse(string path)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document
                : throw new DataFormatException($"{path}: the root is not a JSON object; a tokenizer file is one.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"{path}: not JSON at line {e.LineNumber + 1}: {e.Message} Is the file truncated?", e);
        }
        catch (DataFormatException)
        {
            document?.Dispose();
            throw;
        }
    }

    private static TokenizerParts Read(JsonElement root, string path)
    {
        var model = BpeModelOf(root, path);
        if (Child(root, "normalizer") is { } normalizer)
            throw new DataFormatException(
                $"{path}: normalizer \"{Type(normalizer)}\" is not supported; Llama's tokenizers have none (null).");
        var scanner = PreTokenizerReader.Read(Child(root, "pre_tokenizer"), path);
        var added = AddedTokens(root, path);
        var tokens = Tokens(model, added, path, out var idsByKey);
        var merges = Merges(model, idsByKey, tokens, path);
        var (bos, eos) = TokenizerConfigReader.BosAndEos(root, added, path);
        return new TokenizerParts(tokens, merges, scanner, Flag(model, "ignore_merges"), added, bos, eos, path);
    }

    private static JsonElement BpeModelOf(JsonElement root, string path)
    {
        var model = Child(root, "model")
            ?? throw new DataFormatException($"{path}: there is no \"model\"; is this a tokenizer.json?");
        if (Type(model) != "BPE")
            throw new DataFormatException($"{path}: model.type is \"{Type(model)}\"; only byte-level BPE (\"BPE\") is supported.");
        if (Flag(model, "byte_fallback"))
        {
            throw new DataFormatException(
                $"{path}: model.byte_fallback is true, so this is a SentencePiece vocabulary; only byte-level BPE is supported.");
        }
        foreach (var name in (string[])["dropout", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Child(model, name) is { } value && value.ToString() is not ("" or "0" or "0.0"))
                throw new DataFormatException($"{path}: model.{name} is {value}; byte-level BPE of Llama's kind has none (null).");
        }
        return model;
    }

    private static List<AddedToken> AddedTokens(JsonElement root, string path)
    {
        var added = new List<AddedToken>();
        foreach (var token in Child(root, "added_tokens")?.EnumerateArray() ?? default)
        {
            var text = token.GetProperty("content").GetString() ?? "";
            foreach (var name in (string[])["lstrip", "rstrip", "single_word"])
            {
                if (Flag(token, name))
                    throw new DataFormatException($"{path}: added token \"{text}\" has {name} true, which is not supported.");
            }
            if (text.Length == 0 || added.Any(other => other.Text == text))
                throw new DataFormatException($"{path}: added token \"{text}\" is empty or there twice.");
            added.Add(new AddedToken(token.GetProperty("id").GetInt32(), text, Flag(token, "special")));
        }
        return added;
    }

    private static byte[][] Tokens(JsonElement model, List<AddedToken> added, string path, out Dictionary<string, int> idsByKey)
    {
        idsByKey = [];
        var addedIds = added.Select(token => token.Id).ToHashSet();
        var specialIds = added.Where(token => token.IsSpecial).Select(token => token.Id).ToHashSet();
        foreach (var entry in model.GetProperty("vocab").EnumerateObject())
        {
            if (!idsByKey.TryAdd(entry.Name, entry.Value.GetInt32()))
                throw new DataFormatException($"{path}: model.vocab has the token \"{entry.Name}\" twice.");
        }
        var tokens = new byte[CountIds(idsByKey.Values.Concat(addedIds), path)][];
        foreach (var (key, id) in idsByKey)
        {
            if (tokens[id] is not null)
                throw new DataFormatException($"{path}: model.vocab gives \"{key}\" the id {id}, which another token has too.");
            tokens[id] = specialIds.Contains(id) ? [] : ByteUnicode.Decode(key) ?? throw new DataFormatException(
                $"{path}: token \"{key}\" (id {id}) has a character that stands for no byte in GPT-2's map, so this is not byte-level BPE.");
        }
        foreach (var id in addedIds)
            tokens[id] ??= [];
        return tokens;
    }

    private static int CountIds(IEnumerable<int> ids, string path)
    {
        var count = 0;
        foreach (var id in ids.Distinct().Order())
        {
            if (id != count)
                throw new DataFormatException($"{path}: no token has the id {count}, the next is {id}; ids run from 0 without a gap.");
            count++;
        }
        return count;
    }

    private static List<Merge> Merges(JsonElement model, Dictionary<string, int> idsByKey, byte[][] tokens, string path)
    {
        var merges = new List<Merge>();
        foreach (var entry in model.GetProperty("merges").EnumerateArray())
        {
            var (left, right) = Pair(entry, path, merges.Count);
            if (!idsByKey.TryGetValue(left, out var leftId) || !idsByKey.TryGetValue(right, out var rightId)
                || !idsByKey.TryGetValue(left + right, out var result) || tokens[result].Length < 2)
            {
                throw new DataFormatException(
                    $"{path}: model.merges[{merges.Count}] joins \"{left}\" and \"{right}\";"
                    + $" these and \"{left}{right}\" must be in model.vocab and not special.");
            }
            merges.Add(new Merge(leftId, rightId, result));
        }
        return merges;
    }

    private static (string Left, string Right) Pair(JsonElement entry, string path, int index)
    {
        var halves = entry.ValueKind == JsonValueKind.Array
            ? [.. entry.EnumerateArray().Select(half => half.GetString()!)] : entry.GetString()!.Split(' ');
        return halves.Length == 2 ? (halves[0], halves[1])
            : throw new DataFormatException(
                $"{path}: model.merges[{index}] is {entry}; a merge is \"left right\" or [\"left\", \"right\"].");
    }

    /// <summary>A property; null where it is absent or null.</summary>
    internal static JsonElement? Child(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    internal static bool Flag(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.True };

    internal static string Type(JsonElement element) => Child(element, "type")?.GetString() ?? "";
}
