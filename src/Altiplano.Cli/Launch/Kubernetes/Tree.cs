using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>Builds trees of YAML in which a text stays a text, whatever it looks like.</summary>
internal static partial class Tree
{
    /// <summary>A mapping of the entries that have a value.</summary>
    public static YamlMappingNode Map(params IEnumerable<(string Key, YamlNode? Value)> entries) => new(
        from entry in entries
        where entry.Value is not null
        select KeyValuePair.Create<YamlNode, YamlNode>(Text(entry.Key), entry.Value));

    public static YamlSequenceNode List(params IEnumerable<YamlNode> items) => new(items);

    public static YamlScalarNode Text(string text) => new(text)
    {
        Style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : IsPlain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted,
    };

    public static YamlSequenceNode Texts(IEnumerable<string> texts) => List(texts.Select(Text));

    public static YamlScalarNode Number(long value) => new($"{value}");

    public static YamlScalarNode True { get; } = new("true");

    /// <summary>A name for other objects, as in <c>{name: data}</c>.</summary>
    public static YamlMappingNode Named(string name) => Map(("name", Text(name)));

    private static bool IsPlain(string text) => Word().IsMatch(text) && !Keyword().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z/][A-Za-z0-9._/-]*\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A(true|false|yes|no|on|off|y|n|null)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Keyword();
}
