using System.Diagnostics.CodeAnalysis;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary><c>evidence: {power_limit: data_sheet}</c>: what the figures of a description rest on, by their keys.</summary>
/// <param name="keys">The keys that have figures.</param>
internal sealed class EvidenceFormat(IReadOnlyCollection<string> keys) : YamlFormat<IReadOnlyDictionary<string, Evidence>>
{
    public override string Kind => $"a mapping of keys, each {EvidenceWords.Format.Kind}";

    /// <summary>The grades of a start, changed and completed by those of a file.</summary>
    public static IReadOnlyDictionary<string, Evidence> Merge(
        IReadOnlyDictionary<string, Evidence> start, IReadOnlyDictionary<string, Evidence> changes)
    {
        var merged = new Dictionary<string, Evidence>(start);
        foreach (var (key, grade) in changes)
            merged[key] = grade;
        return merged;
    }

    public override bool TryRead(
        YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out IReadOnlyDictionary<string, Evidence> value)
    {
        var grades = new Dictionary<string, Evidence>();
        value = grades;
        if (node is not YamlMappingNode mapping)
            return Refuse(node, path, reading);
        foreach (var (keyNode, gradeNode) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (!keys.Contains(key))
                reading.Report(keyNode, $"{path} grades {key}, which is not a key. {NearestName.Hint(key, "keys", keys)}");
            else if (EvidenceWords.Format.TryRead(gradeNode, $"{path}.{key}", reading, out var grade))
                grades.Add(key, grade);
        }

        return grades.Count == mapping.Children.Count;
    }

    public override YamlNode? Write(IReadOnlyDictionary<string, Evidence> value) => value.Count == 0
        ? null
        : new YamlMappingNode(value.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
            KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(pair.Key), EvidenceWords.Format.Write(pair.Value))));
}
