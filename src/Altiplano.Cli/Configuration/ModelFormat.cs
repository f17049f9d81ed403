using System.Diagnostics.CodeAnalysis;
using Altiplano.Planning.Architecture;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A run file's <c>model</c>: one word, or a mapping that describes a model or changes parts of a preset.</summary>
internal sealed class ModelFormat(ModelReader reader) : YamlFormat<ModelSpec>
{
    private const string PresetKey = "preset";

    private static readonly ModelSpec Blank = new() { Name = "inline", Architecture = ModelSection.Blank };

    private static Section<ModelSpec> Keys { get; } = new Section<ModelSpec>()
        .Add("name", new TextFormat("a name"), m => m.Name, (m, v) => m with { Name = v }, "What to call the model.")
        .Add("weights", new OptionalPathFormat(), m => m.Weights, (m, v) => m with { Weights = v },
            "Hugging Face folder whose weights training starts from.")
        .Include(ModelSection.Architecture, m => m.Architecture, (m, v) => m with { Architecture = v })
        .Check((m, path) => m.Architecture.FindProblems(path));

    public override string Kind => "a preset, a Hugging Face folder, or a mapping";

    /// <summary>The keys of the mapping form, for the reference.</summary>
    public static IEnumerable<KeyDescription> Describe() =>
    [
        new("model.preset", "the name of a preset", KeyDescription.Absent, "Starts from a preset; the other keys then change it."),
        .. Keys.Describe("model", Blank).Select(k => k.Path is "model.head_dim" ? k with { Default = KeyDescription.Absent } : k),
    ];

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out ModelSpec value)
    {
        value = null;
        switch (node)
        {
            case YamlScalarNode { Value: { Length: > 0 } name }:
                value = reader.Find(name, node, path, reading);
                return value is not null;
            case YamlMappingNode mapping:
                return TryReadMapping(mapping, path, reading, out value);
            default:
                return Refuse(node, path, reading);
        }
    }

    public override YamlNode Write(ModelSpec value) => Keys.Write(value);

    private bool TryReadMapping(YamlMappingNode mapping, string path, YamlReading reading, [MaybeNullWhen(false)] out ModelSpec value)
    {
        if (!mapping.Children.TryGetValue(PresetKey, out var presetNode))
            return Keys.TryRead(mapping, path, reading, Blank, out value);
        value = null;
        var preset = (presetNode as YamlScalarNode)?.Value ?? "";
        if (!reader.PresetNames.Contains(preset))
        {
            reading.Report(presetNode, $"{path}.preset is \"{preset}\", but there is no such preset. " +
                NearestName.Hint(preset, "presets", reader.PresetNames));
            return false;
        }

        var rest = new YamlMappingNode(mapping.Children.Where(pair => pair.Key is not YamlScalarNode { Value: PresetKey }));
        var start = new ModelSpec { Name = preset, Architecture = reader.ReadPreset(preset) };
        return Keys.TryRead(rest, path, reading, start, out value, isComplete: true);
    }
}
