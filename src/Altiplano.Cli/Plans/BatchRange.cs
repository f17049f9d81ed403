using Altiplano.Planning.Units;

namespace Altiplano.Cli.Plans;

/// <summary>The sequences that a step may have.</summary>
internal sealed record BatchRange(long Min, long Max)
{
    private const string Option = "--global-batch-tokens";

    /// <summary>How far a batch that makes no whole sequences may be from the number given.</summary>
    private const double Tolerance = 0.05;

    /// <summary>More different sizes are not searched, and no fewer are needed to divide among any number of replicas.</summary>
    private const long MostSizes = 4096;

    /// <summary>A hundred times the largest batch of any published run.</summary>
    private static readonly TokenCount MostTokens = new(10_000_000_000);

    /// <summary>Reads <c>4Mi</c> or <c>15M..17M</c>.</summary>
    /// <exception cref="ConfigException">It is neither, or no whole sequence lies in it, or it is too large.</exception>
    public static BatchRange Read(string text, int seqLen) => text.Split("..") switch
    {
        [var single] => Around(Tokens(single, text), seqLen),
        [var low, var high] => Between(Tokens(low, text), Tokens(high, text), seqLen, text),
        _ => throw Unreadable(text),
    };

    /// <summary>Batches of about so many tokens.</summary>
    public static BatchRange Around(long tokens, int seqLen)
    {
        if (tokens % seqLen == 0)
            return new BatchRange(tokens / seqLen, tokens / seqLen);
        var either = Math.Min((long)(tokens * Tolerance), MostSizes / 2 * seqLen);
        return Between(tokens - either, tokens + either, seqLen, new TokenCount(tokens).ToString());
    }

    private static BatchRange Between(long low, long high, int seqLen, string text)
    {
        if (low > high)
            throw new ConfigException($"{Option} is {text}, but a range begins with its smaller end. Use {string.Join("..", text.Split("..").Reverse())}.");
        var range = new BatchRange((low + seqLen - 1) / seqLen, high / seqLen);
        if (range.Max - range.Min > MostSizes)
        {
            throw new ConfigException($"{Option} is {text}, which holds {range.Max - range.Min + 1:N0} numbers of sequences of {seqLen:N0} tokens, but {MostSizes:N0} are searched at most. " +
                $"Use a narrower range, such as {new TokenCount(high - MostSizes * seqLen)}..{new TokenCount(high)}.");
        }

        if (range.Min <= range.Max && range.Max > 0)
            return range with { Min = Math.Max(1, range.Min) };
        var below = Math.Max(1, high / seqLen) * (long)seqLen;
        throw new ConfigException($"{Option} is {text}, but a step is made of whole sequences of {seqLen} tokens. Use {below} or {below + seqLen}.");
    }

    private static long Tokens(string part, string text)
    {
        if (TokenCount.Parse(part) is not { Value: > 0 } tokens)
            throw Unreadable(text);
        return tokens <= MostTokens
            ? tokens.Value
            : throw new ConfigException($"{Option} is {text}, but it counts the tokens of one step. Use {MostTokens} or fewer; published runs use up to 64M.");
    }

    private static ConfigException Unreadable(string text) =>
        new($"{Option} is \"{text}\", but it must be a number of tokens such as 4Mi, or a range such as 15M..17M.");
}
