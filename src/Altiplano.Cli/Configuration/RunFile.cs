using Altiplano.Training.Loop;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>Run files: one YAML that every verb reads.</summary>
internal sealed class RunFile
{
    private readonly Section<RunConfig> _root;
    private readonly Section<RunConfig> _planned;

    public RunFile(PresetFolder presets)
    {
        var model = new ModelFormat(new ModelCatalog(presets));
        var cluster = new PlannedMachinesFormat(new HardwareCatalog(presets).Clusters, new MachineCatalog(presets).Machines);
        (_root, _planned) = (RunSections.Root(model, cluster, isPlanned: false), RunSections.Root(model, cluster, isPlanned: true));
    }

    /// <summary>Reads the run file of what is to be trained, strictly.</summary>
    /// <param name="overrides">Assignments such as <c>batch.seq_len=4096</c>, applied in order before reading.</param>
    /// <exception cref="ConfigException">
    /// Lists every problem, each with file, line and column, or with its <c>--set</c> option.
    /// </exception>
    public RunConfig Read(string path, IEnumerable<string> overrides) => Read(_root, path, overrides);

    /// <summary>
    /// Reads the run file of what is to be planned: any mesh, model and precision; ranges, phases and what is auto stay open; data, the
    /// length and the run folder may be missing.
    /// </summary>
    /// <inheritdoc cref="Read(string, IEnumerable{string})"/>
    public RunConfig ReadPlanned(string path, IEnumerable<string> overrides) => Read(_planned, path, overrides);

    /// <summary>A run that no file describes, with the values of overrides in their places; it is read as what is to be planned.</summary>
    /// <inheritdoc cref="Read(string, IEnumerable{string})"/>
    public RunConfig With(RunConfig config, IEnumerable<string> overrides) => Read(_planned, _planned.Write(config), "options", overrides);

    /// <summary>
    /// The YAML that <see cref="Read"/>, or <see cref="ReadPlanned"/>, reads back as an equal config, with every key that has a value.
    /// </summary>
    public string Write(RunConfig config) => YamlText.Write(_planned.Write(config));

    /// <summary>The keys and values that <see cref="Write"/> writes, one line each, in order.</summary>
    public IReadOnlyList<(string Key, string Value)> Settings(RunConfig config) => [.. Flatten(_planned.Write(config), "")];

    /// <summary>Every key that a run file may hold.</summary>
    public IEnumerable<KeyDescription> Describe() => _root.Describe("", RunSections.Defaults);

    /// <summary>The keys and values of a saved config, one line each, whatever version of the program wrote it.</summary>
    /// <exception cref="ConfigException">The file cannot be read or is not YAML.</exception>
    public static IReadOnlyList<(string Key, string Value)> ReadSettings(string path) => [.. Flatten(YamlText.ParseFile(path), "")];

    private static RunConfig Read(Section<RunConfig> keys, string path, IEnumerable<string> overrides) =>
        Read(keys, YamlText.ParseFile(path), path, overrides);

    private static RunConfig Read(Section<RunConfig> keys, YamlNode root, string path, IEnumerable<string> overrides)
    {
        var reading = new YamlReading(path);
        Overrides.Apply(overrides, root, reading);
        keys.TryRead(root, "", reading, RunSections.Defaults, out var config);
        ConfigException.ThrowIfAny(reading.Problems);
        return config!;
    }

    private static IEnumerable<(string Key, string Value)> Flatten(YamlNode node, string path) => node is YamlMappingNode mapping
        ? mapping.Children.SelectMany(pair => Flatten(pair.Value, path.Length == 0 ? $"{pair.Key}" : $"{path}.{pair.Key}"))
        : [(path, YamlText.Inline(node))];
}
