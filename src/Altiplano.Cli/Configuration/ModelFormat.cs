using System.Diagnostics.CodeAnalysis;
using Altiplano.Planning.Architecture;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A run file's <c>model</c>: one word, or a mapping that describes a model or changes parts of a preset.</summary>
internal sealed class ModelFormat(ModelCatalog catalog) : YamlFormat<ModelSpec>
{
    private const string PresetKey = "preset";

    private static Section<ModelDescription> Keys { get; } = new Section<ModelDescription>()
        .Add("name", new TextFormat("a name"), m => m.Name, (m, v) => m with { Name = v }, "What to call the model.")
        .Add("weights", new OptionalPathFormat(), m => m.Weights, (m, v) => m with { Weights = v },
            "Hugging Face folder whose weights training starts from.")
        .Include(ModelSection.Keys, m => m, (_, v) => v)
        .Check((m, path) => m.FindProblems(path));

    private static Section<ModelDescription> ChangesOfPreset { get; } =
        Keys.Behind(PresetKey, new TextFormat("the name of a preset"), "Starts from a preset; the other keys then change it.");

    public override string Kind => "a preset, a Hugging Face folder, or a mapping";

    /// <summary>The keys of the mapping form, for the reference.</summary>
    public static IEnumerable<KeyDescription> Describe() =>
        from key in ChangesOfPreset.Describe("model", ModelSection.Blank)
        select key.Path is "model.head_dim" or "model.preset" ? key with { Default = KeyDescription.Absent } : key;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out ModelSpec value)
    {
        value = node switch
        {
            YamlScalarNode { Value: { Length: > 0 } name } => catalog.Find(name, node, path, reading),
            YamlMappingNode mapping => ReadMapping(mapping, path, reading),
            _ => null,
        };
        if (node is not (YamlMappingNode or YamlScalarNode { Value.Length: > 0 }))
            return Refuse(node, path, reading);
        return value is not null;
    }

    public override YamlNode Write(ModelSpec value) => Keys.Write(ModelDescription.Of(value));

    private ModelSpec? ReadMapping(YamlMappingNode mapping, string path, YamlReading reading)
    {
        if (!mapping.Children.TryGetValue(PresetKey, out var presetNode))
            return Keys.TryRead(mapping, path, reading, ModelSection.Blank, out var described) ? described.ToSpec() : null;
        var preset = (presetNode as YamlScalarNode)?.Value ?? "";
        if (!catalog.PresetNames.Contains(preset))
        {
            reading.Report(presetNode, $"{path}.preset is \"{preset}\", but there is no such preset. " +
                NearestName.Hint(preset, "presets", catalog.PresetNames));
            return null;
        }

        var start = catalog.ReadPreset(preset);
        return ChangesOfPreset.TryRead(mapping, path, reading, start, out var changed, isComplete: true) ? changed.ToSpec() : null;
    }
}
