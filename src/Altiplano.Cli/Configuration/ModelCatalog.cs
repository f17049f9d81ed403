using Altiplano.Planning.Architecture;
using Altiplano.Training.Interchange;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>The models that a run file may name by one word: presets, and what a config.json of Hugging Face describes.</summary>
internal sealed class ModelCatalog(PresetFolder presets)
{
    private const string Kind = "models";

    public IReadOnlyList<string> PresetNames => presets.Names(Kind);

    /// <summary>Reads a preset, a Hugging Face folder, or a config.json.</summary>
    /// <param name="what">What names it, for messages.</param>
    /// <exception cref="ConfigException">It is none of them, or it does not describe a model; lists all problems.</exception>
    public ModelSpec Model(string nameOrPath, string what = "--model") =>
        FindIn(nameOrPath, Path.GetFullPath(nameOrPath)) ?? throw new ConfigException(NoModel(nameOrPath, what));

    /// <summary>Finds what a run file names by one word: a preset, a Hugging Face folder, or a config.json.</summary>
    /// <returns>Null, with the problem reported, where it is none of them.</returns>
    public ModelSpec? Find(string name, YamlNode node, string path, YamlReading reading)
    {
        var model = FindIn(name, reading.ResolvePath(node, name));
        if (model is null)
            reading.Report(node, NoModel(name, path));
        return model;
    }

    /// <exception cref="ConfigException">There is no such preset, or its file does not describe a model.</exception>
    public ModelDescription ReadPreset(string name)
    {
        var reading = new YamlReading(presets.PathOf(Kind, name));
        var root = YamlText.ParseFile(reading.File);
        if (root is not YamlMappingNode { Children: var children } || !children.ContainsKey("sources"))
            reading.Report(root, "sources is missing. A preset says where its figures are published.");
        ModelSection.Keys.TryRead(root, "", reading, ModelSection.Blank with { Name = name }, out var preset);
        ConfigException.ThrowIfAny(reading.Problems);
        return preset!;
    }

    private ModelSpec? FindIn(string name, string path)
    {
        if (PresetNames.Contains(name))
            return ReadPreset(name).ToSpec();
        if (File.Exists(path))
            return ReadConfig(path, NameOf(Path.GetDirectoryName(path)!));
        return File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)) ? ReadFolder(path) : null;
    }

    private string NoModel(string name, string what) =>
        $"{what} is \"{name}\", which is neither a preset nor a folder with a {HuggingFaceConfig.FileName}. " +
        NearestName.Hint(name, "presets", PresetNames);

    private static ModelSpec ReadFolder(string folder)
    {
        var model = ReadConfig(Path.Combine(folder, HuggingFaceConfig.FileName), NameOf(folder));
        if (!model.IsTrainable)
            return model;
        var weights = Directory.EnumerateFiles(folder, "*.safetensors").Any() ? folder : null;
        return model with { Weights = weights };
    }

    private static ModelSpec ReadConfig(string path, string name)
    {
        if (ShapeConfig.IsOfAnotherFamily(path))
            return ShapeConfig.ReadModel(path, name);
        var llama = HuggingFaceConfig.ReadFile(path).Architecture;
        // A head size that follows from the width is written into the config, so that it reads back the same.
        return new ModelSpec { Name = name, Architecture = llama with { HeadDim = llama.HeadDim } };
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
