using Altiplano.Planning.Architecture;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>Model descriptions outside the run file: presets, and the config.json of Hugging Face.</summary>
internal sealed class ModelReader(PresetFolder presets)
{
    private const string Kind = "models";

    private sealed record Preset(LlamaArchitecture Architecture, IReadOnlyList<string> Sources);

    private static Section<Preset> PresetKeys { get; } = new Section<Preset>()
        .Add("sources", new ListFormat<string>(new TextFormat("a citation")), p => p.Sources, (p, v) => p with { Sources = v },
            "Where the figures are published.", isRequired: true)
        .Include(ModelSection.Architecture, p => p.Architecture, (p, v) => p with { Architecture = v })
        .Check((p, path) => p.Architecture.FindProblems(path));

    /// <summary>The parts of config.json that would make another model than ours.</summary>
    private static Section<LlamaArchitecture> HuggingFaceKeys { get; } = new Section<LlamaArchitecture>()
        .Add("model_type", YamlFormats.OneOf(("llama", true)), _ => true, (m, _) => m, "", isRequired: true)
        .Add("hidden_act", YamlFormats.OneOf(("silu", true)), _ => true, (m, _) => m, "")
        .Add("attention_bias", YamlFormats.OneOf(("false", true)), _ => true, (m, _) => m, "")
        .Add("mlp_bias", YamlFormats.OneOf(("false", true)), _ => true, (m, _) => m, "")
        .Include(ModelSection.Architecture, m => m, (_, v) => v)
        .Check((m, path) => m.FindProblems(path));

    public IReadOnlyList<string> PresetNames => presets.Names(Kind);

    /// <summary>Finds what a run file names by one word: a preset, a Hugging Face folder, or a config.json.</summary>
    /// <returns>Null, with the problem reported, where it is none of them.</returns>
    public ModelSpec? Find(string name, YamlNode node, string path, YamlReading reading)
    {
        if (PresetNames.Contains(name))
            return new ModelSpec { Name = name, Architecture = ReadPreset(name) };
        var file = reading.ResolvePath(node, name);
        if (File.Exists(file))
            return new ModelSpec { Name = NameOf(Path.GetDirectoryName(file)!), Architecture = ReadHuggingFace(file) };
        if (File.Exists(Path.Combine(file, "config.json")))
            return ReadFolder(file);
        reading.Report(node, $"{path} is \"{name}\", which is neither a preset nor a folder with a config.json. " +
            NearestName.Hint(name, "presets", PresetNames));
        return null;
    }

    /// <exception cref="ConfigException">There is no such preset, or its file does not describe a model.</exception>
    public LlamaArchitecture ReadPreset(string name)
    {
        var start = new Preset(ModelSection.Blank, []);
        return Read(presets.PathOf(Kind, name), PresetKeys, start, acceptsUnknownKeys: false).Architecture;
    }

    private static ModelSpec ReadFolder(string folder) => new()
    {
        Name = NameOf(folder),
        Architecture = ReadHuggingFace(Path.Combine(folder, "config.json")),
        Weights = Directory.EnumerateFiles(folder, "*.safetensors").Any() ? folder : null,
    };

    /// <remarks>config.json is read as YAML, of which JSON is a part.</remarks>
    private static LlamaArchitecture ReadHuggingFace(string file) => Read(file, HuggingFaceKeys, ModelSection.Blank, acceptsUnknownKeys: true);

    private static T Read<T>(string file, Section<T> section, T start, bool acceptsUnknownKeys)
    {
        var reading = new YamlReading(file) { AcceptsUnknownKeys = acceptsUnknownKeys };
        var isRead = section.TryRead(YamlText.ParseFile(file), "", reading, start, out var value);
        ConfigException.ThrowIfAny(reading.Problems);
        return isRead ? value! : start;
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
