using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>
/// One kind of description, as a YAML value: the name of a preset, the path of a file, or a mapping; the last two may start from
/// a preset and change it.
/// </summary>
internal sealed class DescriptionCatalog<T> : YamlFormat<T>
    where T : class
{
    private const string PresetKey = "preset";

    private readonly PresetFolder _presets;
    private readonly string _folder;
    private readonly Func<string, T> _blank;
    private readonly Func<T, string> _nameOf;
    private readonly Func<T, string, T> _named;
    private readonly Section<T> _keys;
    private readonly Section<T> _keysBehindPreset;

    /// <param name="folder">The kind's folder of presets.</param>
    /// <param name="blank">What no file says yet, under a name.</param>
    /// <param name="keys">All keys but the name.</param>
    public DescriptionCatalog(
        PresetFolder presets, string folder, Func<string, T> blank, Func<T, string> nameOf, Func<T, string, T> named, Section<T> keys)
    {
        (_presets, _folder, _blank, _nameOf, _named) = (presets, folder, blank, nameOf, named);
        _keys = keys.Behind("name", new TextFormat("a name"), "What to call it.");
        _keysBehindPreset = _keys.Behind(
            PresetKey, new TextFormat("the name of a preset"), "Starts from a preset; the other keys change it.");
    }

    public override string Kind => "a preset, a file, or a mapping";

    public IReadOnlyList<string> PresetNames => _presets.Names(_folder);

    /// <summary>Every key, for the reference.</summary>
    public IEnumerable<KeyDescription> Describe() => _keys.Describe("", _blank(""));

    /// <exception cref="ConfigException">There is no such preset, or its file has problems; lists them all.</exception>
    public T ReadPreset(string name) => PresetNames.Contains(name)
        ? ReadFile(_presets.PathOf(_folder, name), name)
        : throw new ConfigException($"\"{name}\" is no preset of {_folder}. {NearestName.Hint(name, "presets", PresetNames)}");

    /// <summary>Reads a preset or, where there is none of that name, a file.</summary>
    /// <param name="what">What names it, for messages: <c>--cluster</c>.</param>
    /// <exception cref="ConfigException">There is neither, or the file has problems; lists them all.</exception>
    public T Read(string nameOrPath, string what)
    {
        if (PresetNames.Contains(nameOrPath))
            return ReadPreset(nameOrPath);
        return File.Exists(nameOrPath)
            ? ReadFile(nameOrPath, Path.GetFileNameWithoutExtension(nameOrPath))
            : throw new ConfigException(NeitherPresetNorFile(nameOrPath, what));
    }

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        return node switch
        {
            YamlScalarNode { Value: { Length: > 0 } name } => TryReadNamed(name, node, path, reading, out value),
            YamlMappingNode mapping => TryReadMapping(mapping, path, reading, null, out value),
            _ => Refuse(node, path, reading),
        };
    }

    /// <summary>The preset's name where nothing differs from it, else every key.</summary>
    public override YamlNode Write(T value)
    {
        var name = _nameOf(value);
        var written = WriteKeys(value);
        return PresetNames.Contains(name) && YamlText.Write(WriteKeys(ReadPreset(name))) == YamlText.Write(written)
            ? new YamlScalarNode(name)
            : written;
    }

    private YamlMappingNode WriteKeys(T value)
    {
        var written = _keys.Write(value);
        written.Children[new YamlScalarNode("name")] = new YamlScalarNode(_nameOf(value));
        return written;
    }

    private T ReadFile(string file, string name)
    {
        var reading = new YamlReading(file);
        var root = YamlText.ParseFile(file);
        T? value = null;
        if (root is YamlMappingNode mapping)
            TryReadMapping(mapping, "", reading, name, out value);
        else
            _keys.TryRead(root, "", reading, _blank(name), out value);
        ConfigException.ThrowIfAny(reading.Problems);
        return value!;
    }

    private bool TryReadNamed(string name, YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        var file = reading.ResolvePath(node, name);
        try
        {
            if (PresetNames.Contains(name))
                value = ReadPreset(name);
            else if (File.Exists(file))
                value = ReadFile(file, Path.GetFileNameWithoutExtension(file));
            else
                reading.Report(node, NeitherPresetNorFile(name, path));
        }
        catch (ConfigException error)
        {
            reading.AddProblemsOf(error);
        }

        return value is not null;
    }

    /// <param name="name">What to call it where no key does; null for the preset's name.</param>
    private bool TryReadMapping(YamlMappingNode mapping, string path, YamlReading reading, string? name, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        if (mapping.Children.TryGetValue("name", out var nameNode) && nameNode is YamlScalarNode { Value: { Length: > 0 } given })
            name = given;
        if (!mapping.Children.TryGetValue(PresetKey, out var presetNode))
            return _keysBehindPreset.TryRead(mapping, path, reading, _blank(name ?? "inline"), out value);
        var preset = (presetNode as YamlScalarNode)?.Value ?? "";
        if (!PresetNames.Contains(preset))
        {
            reading.Report(presetNode, $"{(path.Length == 0 ? "" : path + ".")}{PresetKey} is \"{preset}\", but there is no such preset. " +
                NearestName.Hint(preset, "presets", PresetNames));
            return false;
        }

        return _keysBehindPreset.TryRead(mapping, path, reading, _named(ReadPreset(preset), name ?? preset), out value, isComplete: true);
    }

    private string NeitherPresetNorFile(string name, string what) =>
        $"{what} is \"{name}\", which is neither a preset nor a file. {NearestName.Hint(name, "presets", PresetNames)}";
}
