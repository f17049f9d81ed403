using YamlDotNet.RepresentationModel;

namespace Altiplano.Tests.Cli.Launch.Kubernetes;

/// <summary>
/// The fields of an object that Kubernetes' own classes do not know, written as YAML of the same form. A leaf is a type: text, integer,
/// boolean, a|b|c for one of these words, or a class of KubernetesClient for what that reads. A name with ! must be there.
/// </summary>
internal sealed class StructuralSchema(string schema, IReadOnlyDictionary<string, Action<YamlNode>> classes)
{
    private readonly YamlNode _root = Parse(schema);

    public static YamlNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0].RootNode;
    }

    /// <summary>Everything that does not fit, each with its path.</summary>
    public IReadOnlyList<string> FindProblems(YamlNode node) => [.. FindProblems(node, _root, "")];

    private IEnumerable<string> FindProblems(YamlNode node, YamlNode schema, string path) => (schema, node) switch
    {
        (YamlMappingNode fields, YamlMappingNode mapping) => FindFieldProblems(mapping, fields, path),
        (YamlSequenceNode { Children: [var item] }, YamlSequenceNode list) => list.Children.SelectMany((child, i) => FindProblems(child, item, $"{path}[{i}]")),
        (YamlScalarNode { Value: { } type }, _) => FindLeafProblems(node, type, path),
        _ => [$"{path} has the wrong form"],
    };

    private IEnumerable<string> FindFieldProblems(YamlMappingNode mapping, YamlMappingNode fields, string path)
    {
        var known = fields.Children.ToDictionary(field => field.Key.ToString().TrimEnd('!'), field => field.Value);
        foreach (var (key, value) in mapping.Children)
        {
            foreach (var problem in known.TryGetValue(key.ToString(), out var field) ? FindProblems(value, field, $"{path}.{key}") : [$"{path}.{key} is no field"])
                yield return problem;
        }

        foreach (var missing in fields.Children.Keys.Select(key => key.ToString()).Where(key => key.EndsWith('!') && !mapping.Children.ContainsKey(key.TrimEnd('!'))))
            yield return $"{path}.{missing.TrimEnd('!')} is missing";
    }

    private IEnumerable<string> FindLeafProblems(YamlNode node, string type, string path)
    {
        if (classes.TryGetValue(type, out var read))
            return Try(() => read(node), path);
        var text = (node as YamlScalarNode)?.Value;
        var fits = type switch
        {
            _ when text is null => false,
            "text" => true,
            "integer" => int.TryParse(text, out _),
            "boolean" => text is "true" or "false",
            _ => type.Split('|').Contains(text),
        };
        return fits ? [] : [$"{path} is {text}, not {type}"];
    }

    private static IEnumerable<string> Try(Action read, string path)
    {
        try
        {
            read();
            return [];
        }
        catch (Exception error)
        {
            return [$"{path}: {error.InnerException?.Message ?? error.Message}"];
        }
    }
}
