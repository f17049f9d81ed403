using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary><c>--set batch.seq_len=4096</c>: values put into the tree of a run file before it is read.</summary>
internal static class Overrides
{
    /// <summary>
    /// Applies assignments in order; a later one wins. A value is YAML: a number, a word, or a list or mapping in brackets.
    /// </summary>
    /// <remarks>Reports assignments that are not KEY=VALUE and keys that lead through a single value.</remarks>
    public static void Apply(IEnumerable<string> assignments, YamlNode root, YamlReading reading)
    {
        foreach (var assignment in assignments)
        {
            if (Apply(assignment, root, reading) is { } problem)
                reading.ReportOverride(assignment, problem);
        }
    }

    private static string? Apply(string assignment, YamlNode root, YamlReading reading)
    {
        var split = assignment.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0)
            return "it must have the form KEY=VALUE, as in --set batch.seq_len=4096.";
        var names = assignment[..split].Split('.');
        var node = root;
        for (var depth = 0; depth < names.Length; depth++)
        {
            if (node is not YamlMappingNode owner)
                return $"{string.Join('.', names[..depth])} is not a mapping in the run file, so it has no key {names[depth]}.";
            node = depth < names.Length - 1
                ? Child(owner, names[depth])
                : Replace(owner, names[depth], Parse(assignment[(split + 1)..], assignment), assignment, reading);
        }

        return null;
    }

    private static YamlNode Parse(string value, string assignment) =>
        value.Length == 0 ? new YamlScalarNode("") : YamlText.Parse(value, $"--set {assignment}");

    private static YamlNode Replace(YamlMappingNode owner, string name, YamlNode value, string assignment, YamlReading reading)
    {
        var key = new YamlScalarNode(name);
        owner.Children.Remove(key);
        owner.Children.Add(key, value);
        reading.MarkOverride(key, assignment);
        reading.MarkOverride(value, assignment);
        return value;
    }

    /// <summary>The value under a name; a new mapping where there is none.</summary>
    private static YamlNode Child(YamlMappingNode owner, string name)
    {
        if (!owner.Children.TryGetValue(name, out var child))
            owner.Children.Add(name, child = new YamlMappingNode());
        return child;
    }
}
