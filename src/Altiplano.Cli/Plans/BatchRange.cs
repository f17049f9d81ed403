using Altiplano.Planning.Units;

namespace Altiplano.Cli.Plans;

/// <summary>The sequences that a step may have.</summary>
internal sealed record BatchRange(long Min, long Max)
{
    /// <summary>How far a batch that makes no whole sequences may be from the number given.</summary>
    private const double Tolerance = 0.05;

    /// <summary>Reads <c>4Mi</c> or <c>15M..17M</c>.</summary>
    /// <exception cref="ConfigException">It is neither, or no whole sequence lies in it.</exception>
    public static BatchRange Read(string text, int seqLen) => text.Split("..") switch
    {
        [var single] => Around(Tokens(single, text), seqLen),
        [var low, var high] => Between(Tokens(low, text), Tokens(high, text), seqLen, text),
        _ => throw Unreadable(text),
    };

    private static BatchRange Around(long tokens, int seqLen)
    {
        if (tokens % seqLen == 0)
            return new BatchRange(tokens / seqLen, tokens / seqLen);
        return Between((long)(tokens * (1 - Tolerance)), (long)(tokens * (1 + Tolerance)), seqLen, new TokenCount(tokens).ToString());
    }

    private static BatchRange Between(long low, long high, int seqLen, string text)
    {
        var range = new BatchRange((low + seqLen - 1) / seqLen, high / seqLen);
        if (range.Min <= range.Max && range.Max > 0)
            return range with { Min = Math.Max(1, range.Min) };
        var below = Math.Max(1, high / seqLen) * (long)seqLen;
        throw new ConfigException($"--global-batch-tokens is {text}, but a step is made of whole sequences of {seqLen} tokens. Use {below} or {below + seqLen}.");
    }

    private static long Tokens(string part, string text) => TokenCount.Parse(part) is { Value: > 0 } tokens ? tokens.Value : throw Unreadable(text);

    private static ConfigException Unreadable(string text) =>
        new($"--global-batch-tokens is \"{text}\", but it must be a number of tokens such as 4Mi, or a range such as 15M..17M.");
}
