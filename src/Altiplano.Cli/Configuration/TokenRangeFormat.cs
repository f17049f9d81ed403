using Altiplano.Planning.Units;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>A number of tokens, or the two ends of a range from which a plan chooses.</summary>
/// <param name="High">Null for a single number.</param>
internal readonly record struct TokenRange(TokenCount Low, TokenCount? High);

/// <summary><c>batch.global_batch_tokens</c>: <c>4M</c> or <c>[15M, 17M]</c>.</summary>
internal sealed class TokenRangeFormat : YamlFormat<TokenRange>
{
    public override string Kind => $"{YamlFormats.Tokens.Kind}, or a range of two of them such as [15M, 17M]";

    public override bool TryRead(YamlNode node, string path, YamlReading reading, out TokenRange value)
    {
        value = default;
        if (node is YamlSequenceNode { Children: [var first, var second] })
        {
            var isRead = YamlFormats.Tokens.TryRead(first, $"{path}[0]", reading, out var low)
                & YamlFormats.Tokens.TryRead(second, $"{path}[1]", reading, out var high);
            value = new TokenRange(low, high);
            return isRead;
        }

        if (node is not YamlScalarNode { Value: { Length: > 0 } text } || TokenCount.Parse(text) is not { Value: > 0 } tokens)
            return Refuse(node, path, reading);
        value = new TokenRange(tokens, null);
        return true;
    }

    public override YamlNode Write(TokenRange value) => value.High is { } high
        ? new YamlSequenceNode(YamlFormats.Tokens.Write(value.Low), YamlFormats.Tokens.Write(high)) { Style = SequenceStyle.Flow }
        : YamlFormats.Tokens.Write(value.Low);
}
