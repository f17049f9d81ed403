using System.Collections.Immutable;
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
