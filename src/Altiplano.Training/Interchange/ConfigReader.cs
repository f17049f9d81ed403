using System.Text.Json;
using Altiplano.Planning;

namespace Altiplano.Training.Interchange;

/// <summary>Reads the keys of one JSON object and collects what is wrong with them.</summary>
/// <param name="path">File or place of the object, for messages.</param>
/// <remarks>A key whose value is null counts as absent, as in Hugging Face's configs.</remarks>
internal sealed class ConfigReader(JsonElement root, string path)
{
    private readonly HashSet<string> _asked = [];

    public List<string> Problems { get; } = [];

    /// <summary>File or place of the object, for messages.</summary>
    public string Path => path;

    /// <summary>Parses a file that must hold one JSON object.</summary>
    /// <exception cref="ConfigException">It cannot be read or is no object.</exception>
    public static JsonElement Load(string path)
    {
        byte[] utf8 = [];
        try
        {
            utf8 = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ConfigException($"{path}: holds a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}, but an object is needed.");
        }
        catch (JsonException e)
        {
            throw new ConfigException(JsonFault.Describe(utf8, e, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: cannot be read: {e.Message}");
        }
    }

    public JsonElement? Find(string key)
    {
        _asked.Add(key);
        return root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public ConfigReader? Nested(string key)
    {
        if (Find(key) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new ConfigReader(value, $"{path}: {key}");
        Problems.Add($"{path}: {key} is {value}, but an object is needed.");
        return null;
    }

    public string? Text(string key) => Read(key, "a string", v =>
        v.ValueKind == JsonValueKind.String ? v.GetString() : null, null);

    public int? Integer(string key) => Read<int?>(key, "a whole number", v =>
        IsNumber(v) && v.TryGetInt32(out var n) ? n : null, null);

    public double? Number(string key) => Read<double?>(key, "a number", v => IsNumber(v) ? v.GetDouble() : null, null);

    public bool? Flag(string key) => Read<bool?>(
        key, "true or false", v => v.ValueKind is JsonValueKind.True or JsonValueKind.False ? v.GetBoolean() : null, null);

    /// <summary>A number or a list of numbers.</summary>
    public IReadOnlyList<int> Integers(string key) =>
        Read<IReadOnlyList<int>>(key, "a whole number or a list of them", ToIntegers, [])!;

    public int RequiredInteger(string key)
    {
        if (Find(key) is null)
            Problems.Add($"{path}: {key} is missing.");
        return Integer(key) ?? 0;
    }

    public double RequiredNumber(string key)
    {
        if (Find(key) is null)
            Problems.Add($"{path}: {key} is missing.");
        return Number(key) ?? 0;
    }

    /// <summary>Reports a key whose value asks for something that this program does not do.</summary>
    public void Refuse(string key, string supported) => Problems.Add($"{path}: {key} is {Find(key)?.ToString() ?? "missing"}; supported: {supported}.");

    /// <summary>Reports every key that has a value, was never asked for and is none of those that may be passed over.</summary>
    public void RefuseOthers(IReadOnlySet<string> passedOver)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !_asked.Contains(property.Name) && !passedOver.Contains(property.Name))
            {
                Problems.Add($"{path}: {property.Name} is a key that this program does not know, " +
                    "so the model may be another than it seems. Remove it if it changes no shape.");
            }
        }
    }

    private T? Read<T>(string key, string kind, Func<JsonElement, T?> convert, T? absent)
    {
        if (Find(key) is not { } value)
            return absent;
        var converted = convert(value);
        if (converted is null)
            Problems.Add($"{path}: {key} is {value}, but {kind} is needed.");
        return converted ?? absent;
    }

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number;

    private static int[]? ToIntegers(JsonElement value)
    {
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return items.All(i => IsNumber(i) && i.TryGetInt32(out _)) ? [.. items.Select(i => i.GetInt32())] : null;
    }
}
