using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>One pass over a YAML tree: where it came from, and every problem met on the way.</summary>
internal sealed class YamlReading(string file)
{
    private readonly List<string> _problems = [];
    private readonly Dictionary<YamlNode, string> _overrides = new(ReferenceEqualityComparer.Instance);

    public string File => file;

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Notes that a node, and all below it, was given as <c>--set</c> <paramref name="assignment"/>.</summary>
    public void MarkOverride(YamlNode node, string assignment)
    {
        foreach (var part in node.AllNodes)
            _overrides[part] = assignment;
    }

    /// <summary>Adds a problem, headed by the file, line and column, or by the option, that the node was written in.</summary>
    public void Report(YamlNode node, string problem) =>
        _problems.Add(_overrides.TryGetValue(node, out var assignment)
            ? Override(assignment, problem)
            : $"{file}:{node.Start.Line}:{node.Start.Column}: {problem}");

    /// <summary>Adds the problems of another file that this one names.</summary>
    public void AddProblemsOf(ConfigException other) => _problems.AddRange(other.Problems);

    /// <summary>Adds a problem of a <c>--set</c> option itself.</summary>
    public void ReportOverride(string assignment, string problem) => _problems.Add(Override(assignment, problem));

    /// <summary>
    /// The absolute path that the node names: relative to its file's folder, or, in an option, to the working folder.
    /// </summary>
    public string ResolvePath(YamlNode node, string path) =>
        Path.GetFullPath(
            path, _overrides.ContainsKey(node) ? Environment.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(file))!);

    private static string Override(string assignment, string problem) => $"--set {assignment}: {problem}";
}
