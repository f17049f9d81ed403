using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Altiplano.Training.Loop;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary><c>data.train</c>: one path, or a weighted list of them.</summary>
internal sealed class DataSourcesFormat : YamlFormat<ImmutableArray<DataSource>>
{
    private static readonly Section<DataSource> Source = new Section<DataSource>()
        .Add("path", YamlFormats.Path, s => s.Path, (s, v) => s with { Path = v }, "", isRequired: true)
        .Add("weight", YamlFormats.Number("a number above 0", v => v > 0), s => s.Weight, (s, v) => s with { Weight = v }, "");

    public override string Kind => "a path, or a list of {path, weight}";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out ImmutableArray<DataSource> value)
    {
        value = [];
        switch (node)
        {
            case YamlScalarNode when YamlFormats.Path.TryRead(node, path, reading, out var single):
                value = [new DataSource(single)];
                return true;
            case YamlScalarNode:
                return false;
            case YamlSequenceNode { Children.Count: > 0 } list:
                var problemsBefore = reading.Problems.Count;
                value = [.. list.Select((item, i) => Read(item, $"{path}[{i}]", reading))];
                return reading.Problems.Count == problemsBefore;
            default:
                return Refuse(node, path, reading);
        }
    }

    public override YamlNode Write(ImmutableArray<DataSource> value) => new YamlSequenceNode(value.Select(Source.Write));

    private static DataSource Read(YamlNode item, string path, YamlReading reading) =>
        Source.TryRead(item, path, reading, new DataSource(""), out var source) ? source : new DataSource("");
}

/// <summary><c>data.val</c>: one path, whose metrics start with <c>val</c>, or a mapping of names to paths.</summary>
internal sealed class ValidationSourcesFormat : YamlFormat<ImmutableArray<ValidationSource>>
{
    private const string DefaultName = "val";

    public override string Kind => "a path, or a mapping of names to paths";

    public override bool TryRead(
        YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out ImmutableArray<ValidationSource> value)
    {
        value = [];
        if (YamlFormats.IsNull(node))
            return true;
        if (node is YamlSequenceNode)
            return Refuse(node, path, reading);
        var sources = new List<ValidationSource>();
        var isRead = true;
        foreach (var (name, pathNode) in node is YamlMappingNode map ? Named(map) : [(DefaultName, node)])
        {
            if (!IsName(name))
            {
                reading.Report(pathNode, $"{path}.{name} is not a name for metrics: use lower-case letters, digits and _, and not \"train\".");
                isRead = false;
            }
            else if (YamlFormats.Path.TryRead(pathNode, node is YamlMappingNode ? $"{path}.{name}" : path, reading, out var file))
                sources.Add(new ValidationSource(name, file));
            else
                isRead = false;
        }

        value = [.. sources];
        return isRead;
    }

    public override YamlNode? Write(ImmutableArray<ValidationSource> value) => value.IsEmpty
        ? null
        : new YamlMappingNode(value.Select(s => KeyValuePair.Create<YamlNode, YamlNode>(s.Name, s.Path)));

    /// <summary>True for a name whose metrics, such as <c>val/loss</c>, cannot be taken for others.</summary>
    private static bool IsName(string name) =>
        name is not ("" or "train") && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static IEnumerable<(string Name, YamlNode Path)> Named(YamlMappingNode map) =>
        map.Children.Select(pair => (((YamlScalarNode)pair.Key).Value ?? "", pair.Value));
}

/// <summary><c>optimizer.betas</c>: two numbers in [0, 1).</summary>
internal sealed class BetasFormat : YamlFormat<AdamBetas>
{
    private static readonly ScalarFormat<double> Beta = YamlFormats.Number("a number from 0 up to, but not, 1", v => v is >= 0 and < 1);

    public override string Kind => "a list of two numbers from 0 up to, but not, 1";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out AdamBetas value)
    {
        value = default;
        if (node is not YamlSequenceNode { Children: [var first, var second] })
            return Refuse(node, path, reading);
        var isRead = Beta.TryRead(first, $"{path}[0]", reading, out var mean) & Beta.TryRead(second, $"{path}[1]", reading, out var square);
        value = new AdamBetas(mean, square);
        return isRead;
    }

    public override YamlNode Write(AdamBetas value) =>
        new YamlSequenceNode(Beta.Write(value.Mean), Beta.Write(value.Square)) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };
}
