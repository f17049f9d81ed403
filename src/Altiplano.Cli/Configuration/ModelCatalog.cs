using Altiplano.Planning.Architecture;
using Altiplano.Training.Interchange;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>The models that a run file may name by one word: presets, and what a config.json of Hugging Face describes.</summary>
internal sealed class ModelCatalog(PresetFolder presets)
{
    private const string Kind = "models";

    private sealed record Preset(LlamaArchitecture Architecture, IReadOnlyList<string> Sources);

    private static Section<Preset> PresetKeys { get; } = new Section<Preset>()
        .Add("sources", new ListFormat<string>(new TextFormat("a citation")), p => p.Sources, (p, v) => p with { Sources = v },
            "Where the figures are published.", isRequired: true)
        .Include(ModelSection.Architecture, p => p.Architecture, (p, v) => p with { Architecture = v })
        .Check((p, path) => p.Architecture.FindProblems(path));

    public IReadOnlyList<string> PresetNames => presets.Names(Kind);

    /// <summary>Finds what a run file names by one word: a preset, a Hugging Face folder, or a config.json.</summary>
    /// <returns>Null, with the problem reported, where it is none of them.</returns>
    public ModelSpec? Find(string name, YamlNode node, string path, YamlReading reading)
    {
        if (PresetNames.Contains(name))
            return new ModelSpec { Name = name, Architecture = ReadPreset(name) };
        var file = reading.ResolvePath(node, name);
        if (File.Exists(file))
        {
            var architecture = HuggingFaceConfig.ReadFile(file).Architecture;
            return new ModelSpec { Name = NameOf(Path.GetDirectoryName(file)!), Architecture = architecture };
        }

        if (File.Exists(Path.Combine(file, HuggingFaceConfig.FileName)))
            return ReadFolder(file);
        reading.Report(node, $"{path} is \"{name}\", which is neither a preset nor a folder with a {HuggingFaceConfig.FileName}. " +
            NearestName.Hint(name, "presets", PresetNames));
        return null;
    }

    /// <exception cref="ConfigException">There is no such preset, or its file does not describe a model.</exception>
    public LlamaArchitecture ReadPreset(string name)
    {
        var reading = new YamlReading(presets.PathOf(Kind, name));
        var start = new Preset(ModelSection.Blank, []);
        PresetKeys.TryRead(YamlText.ParseFile(reading.File), "", reading, start, out var preset);
        ConfigException.ThrowIfAny(reading.Problems);
        return preset!.Architecture;
    }

    private static ModelSpec ReadFolder(string folder) => new()
    {
        Name = NameOf(folder),
        Architecture = HuggingFaceConfig.ReadFolder(folder).Architecture,
        Weights = Directory.EnumerateFiles(folder, "*.safetensors").Any() ? folder : null,
    };

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
