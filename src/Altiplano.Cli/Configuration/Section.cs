using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>One row of the reference that every key has.</summary>
internal sealed record KeyDescription(string Path, string Kind, string Default, string Doc)
{
    public const string Required = "required";
    public const string Absent = "–";
}

/// <summary>
/// The table of the keys of one mapping, each with how it is read into and written from a <typeparamref name="T"/>: the only
/// place that knows a key, read by reading, writing, the reference page and the search for the nearest name.
/// </summary>
internal sealed class Section<T>
{
    private readonly List<Key> _keys = [];
    private Func<T, string, IReadOnlyList<string>> _findProblems = (_, _) => [];
    private bool _checksReadableKeys;

    public IReadOnlyList<string> KeyNames => [.. _keys.Select(k => k.Name)];

    /// <summary>Adds a key that holds one value.</summary>
    public Section<T> Add<TValue>(
        string name, YamlFormat<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with, string doc, bool isRequired = false)
    {
        _keys.Add(new Key(name, isRequired,
            (node, path, reading, owner, _) => format.TryRead(node, path, reading, out var value) ? with(owner, value) : owner,
            owner => format.Write(get(owner)),
            (path, start) => [new KeyDescription(path, format.Kind, isRequired ? KeyDescription.Required : Default(start), doc)]));
        return this;

        string Default(T start) => format.Write(get(start)) is { } node ? YamlText.Inline(node) : KeyDescription.Absent;
    }

    /// <summary>Adds a key that holds a mapping of its own.</summary>
    public Section<T> Add<TValue>(
        string name, Section<TValue> section, Func<T, TValue> get, Func<T, TValue, T> with, bool isRequired = false)
    {
        _keys.Add(new Key(name, isRequired,
            (node, path, reading, owner, isComplete) =>
                section.TryRead(node, path, reading, get(owner), out var value, isComplete) ? with(owner, value) : owner,
            owner => section.Write(get(owner)),
            (path, start) => section.Describe(path, get(start))));
        return this;
    }

    /// <summary>Adds every key of another section to this mapping.</summary>
    public Section<T> Include<TValue>(Section<TValue> section, Func<T, TValue> get, Func<T, TValue, T> with)
    {
        _keys.AddRange(section._keys.Select(key => new Key(key.Name, key.IsRequired,
            (node, path, reading, owner, isComplete) => with(owner, key.Read(node, path, reading, get(owner), isComplete)),
            owner => key.Write(get(owner)),
            (path, start) => key.Describe(path, get(start)))));
        return this;
    }

    /// <summary>Adds the rules between keys; asked only where every key could be read.</summary>
    public Section<T> Check(Func<T, string, IReadOnlyList<string>> findProblems)
    {
        _findProblems = findProblems;
        return this;
    }

    /// <summary>
    /// Adds the rules of keys and between them; where some keys could not be read, those that speak of none of them are asked all
    /// the same, so they must bear the values of a blank.
    /// </summary>
    public Section<T> CheckEach(Func<T, string, IReadOnlyList<string>> findProblems)
    {
        _checksReadableKeys = true;
        return Check(findProblems);
    }

    /// <summary>The same keys and rules, and a first key that the caller reads before the others.</summary>
    public Section<T> Behind(string name, YamlFormat<string> format, string doc)
    {
        var section = new Section<T>().Add(name, format, _ => "", (owner, _) => owner, doc);
        section._keys.AddRange(_keys);
        section._checksReadableKeys = _checksReadableKeys;
        return section.Check(_findProblems);
    }

    /// <summary>Reads a mapping over the values of <paramref name="start"/>.</summary>
    /// <param name="isComplete">True where <paramref name="start"/> already has a value for every required key.</param>
    public bool TryRead(
        YamlNode node, string path, YamlReading reading, T start, [MaybeNullWhen(false)] out T value, bool isComplete = false)
    {
        value = start;
        var problemsBefore = reading.Problems.Count;
        if (node is not YamlMappingNode mapping)
        {
            reading.Report(node, $"{(path.Length == 0 ? "The file" : path)} must be a mapping of keys: {string.Join(", ", KeyNames)}.");
            return false;
        }

        var unread = new List<string>();
        foreach (var (keyNode, valueNode) in mapping.Children)
        {
            var before = reading.Problems.Count;
            value = ReadKey(keyNode, valueNode, path, reading, value, isComplete);
            if (reading.Problems.Count > before)
                unread.Add((keyNode as YamlScalarNode)?.Value ?? "");
        }

        foreach (var key in isComplete ? [] : _keys.Where(k => k.IsRequired && !mapping.Children.ContainsKey(k.Name)))
        {
            reading.Report(node, $"{Join(path, key.Name)} is missing. It is required.");
            unread.Add(key.Name);
        }

        if (unread.Count == 0 || _checksReadableKeys)
            ReportRules(mapping, path, reading, value, unread);
        return reading.Problems.Count == problemsBefore;
    }

    /// <summary>Reports the broken rules that name no key of those that could not be read.</summary>
    private void ReportRules(YamlMappingNode mapping, string path, YamlReading reading, T value, List<string> unread)
    {
        foreach (var problem in _findProblems(value, path))
        {
            var text = problem[(path.Length == 0 ? 0 : path.Length + 1)..];
            if (!unread.Exists(key => text.Contains(key, StringComparison.Ordinal)))
                reading.Report(Locate(mapping, path, problem), problem);
        }
    }

    public YamlMappingNode Write(T value) => new(
        from key in _keys
        let node = key.Write(value)
        where node is not null
        select KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(key.Name), node));

    /// <summary>Every key, and those below it, with the defaults that <paramref name="start"/> holds.</summary>
    public IEnumerable<KeyDescription> Describe(string path, T start) =>
        _keys.SelectMany(key => key.Describe(Join(path, key.Name), start));

    private T ReadKey(YamlNode keyNode, YamlNode valueNode, string path, YamlReading reading, T owner, bool isComplete)
    {
        var name = (keyNode as YamlScalarNode)?.Value ?? "";
        if (_keys.Find(k => k.Name == name) is { } key)
            return key.Read(valueNode, Join(path, name), reading, owner, isComplete);
        reading.Report(keyNode, $"{Join(path, name)} is not a key. {NearestName.Hint(name, "keys", KeyNames)}");
        return owner;
    }

    /// <summary>The deepest node on the path that a problem begins with: the value to mend.</summary>
    private static YamlNode Locate(YamlMappingNode mapping, string path, string problem)
    {
        YamlNode node = mapping;
        var names = problem[(path.Length == 0 ? 0 : path.Length + 1)..].Split(' ')[0].Split('.');
        foreach (var name in names)
        {
            if (Child(node, name) is not { } child)
                break;
            node = child;
        }

        return node;
    }

    /// <summary>The value of a key or, for <c>key[2]</c>, an item of its list; null where there is none.</summary>
    private static YamlNode? Child(YamlNode owner, string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        var key = bracket < 0 ? name : name[..bracket];
        if ((owner as YamlMappingNode)?.Children.TryGetValue(key, out var child) is not true)
            return null;
        if (bracket < 0)
            return child;
        var isIndex = int.TryParse(name[(bracket + 1)..].TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        return isIndex ? (child as YamlSequenceNode)?.Children.ElementAtOrDefault(index) : null;
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private sealed record Key(
        string Name,
        bool IsRequired,
        Func<YamlNode, string, YamlReading, T, bool, T> Read,
        Func<T, YamlNode?> Write,
        Func<string, T, IEnumerable<KeyDescription>> Describe);
}
