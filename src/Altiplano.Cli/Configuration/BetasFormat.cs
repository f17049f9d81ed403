using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

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
        var isRead = Beta.TryRead(first, $"{path}[0]", reading, out var mean)
            & Beta.TryRead(second, $"{path}[1]", reading, out var square);
        value = new AdamBetas(mean, square);
        return isRead;
    }

    public override YamlNode Write(AdamBetas value) =>
        new YamlSequenceNode(Beta.Write(value.Mean), Beta.Write(value.Square)) { Style = SequenceStyle.Flow };
}
