using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>The key-value part of a GGUF file, in the order of the file.</summary>
/// <param name="path">The file, for messages.</param>
/// <remarks>A value is a <c>byte</c> to <c>double</c>, a <c>bool</c>, a <c>string</c>, or an array of one of these.</remarks>
public sealed class GgufMetadata(string path)
{
    private readonly OrderedDictionary<string, object> _values = [];

    public int Count => _values.Count;

    internal IEnumerable<KeyValuePair<string, object>> Entries => _values;

    internal void Add(string key, object value)
    {
        if (!_values.TryAdd(key, value))
            throw new CheckpointException($"{path}: the key {key} is there twice.");
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    public string? Text(string key) => Read<string>(key, "a string", v => v as string);

    public bool? Flag(string key) => Read<bool?>(key, "true or false", v => v as bool?);

    /// <summary>A whole number; an array counts as one where all its items are equal (some writers give one per layer).</summary>
    public int? Integer(string key) => Read<int?>(key, "a whole number of 32 bits", ToInteger);

    /// <summary>A number; an fp32 is read by its shortest decimal, so that 1e-5 is 1e-5.</summary>
    public double? Number(string key) => Read<double?>(key, "a number", v => v switch
    {
        float f => double.Parse(f.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double d => d,
        _ => ToInteger(v),
    });

    public IReadOnlyList<string>? Texts(string key) => Read<string[]>(key, "an array of strings", v => v as string[]);

    public IReadOnlyList<int>? Integers(string key) => Read<int[]>(
        key, "an array of whole numbers", v => v is Array { Length: var n } a and not string[] && n >= 0 ? [.. Items(a)] : null);

    public int RequiredInteger(string key) => Integer(key) ?? throw new CheckpointException($"{path}: the key {key} is missing.");

    private static IEnumerable<int> Items(Array array) => array.Cast<object>().Select(i => ToInteger(i) ?? 0);

    private static int? ToInteger(object value) => value switch
    {
        byte n => n,
        sbyte n => n,
        ushort n => n,
        short n => n,
        uint n when n <= int.MaxValue => (int)n,
        int n => n,
        ulong n when n <= int.MaxValue => (int)n,
        long n when n is >= int.MinValue and <= int.MaxValue => (int)n,
        Array { Length: > 0 } array when array.Cast<object>().Distinct().Count() == 1 => ToInteger(array.GetValue(0)!),
        _ => null,
    };

    private T? Read<T>(string key, string kind, Func<object, T?> convert)
    {
        if (!_values.TryGetValue(key, out var value))
            return default;
        return convert(value) ?? throw new CheckpointException($"{path}: {key} is {Show(value)}, but {kind} is needed.");
    }

    private static string Show(object value) =>
        value is Array array
            ? $"an array of {array.Length} {array.GetType().GetElementType()!.Name}"
            : $"{value} ({value.GetType().Name})";
}
