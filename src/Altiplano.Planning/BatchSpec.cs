using Altiplano.Planning.Units;

namespace Altiplano.Planning;

/// <summary>How many tokens make a step, and in what pieces.</summary>
public sealed record BatchSpec
{
    /// <summary>A microbatch left to us stays under this many tokens: enough for efficient products, little memory.</summary>
    private const int AutoMicroBatchTokens = 4096;

    /// <summary>Tokens of one optimizer step, over all ranks and microbatches; the least of them where a range is open.</summary>
    public required TokenCount GlobalBatchTokens { get; init; }

    /// <summary>The most tokens of a step, where a plan may choose from a range; null where the size is decided.</summary>
    public TokenCount? MaxGlobalBatchTokens { get; init; }

    /// <summary>Sequences of one forward and backward pass.</summary>
    public OrAuto<int> MicroBatchSize { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int SeqLen { get; init; }

    public int SequencesPerStep => (int)(GlobalBatchTokens.Value / SeqLen);

    /// <summary>
    /// The same batch with a micro batch size: the largest divisor of a data-parallel rank's sequences that stays under 4096 tokens.
    /// </summary>
    /// <param name="dp">Data-parallel ranks that share a step.</param>
    public BatchSpec Decided(int dp = 1)
    {
        if (!MicroBatchSize.IsAuto)
            return this;
        var own = Math.Max(1, SequencesPerStep / dp);
        var size = Math.Clamp(AutoMicroBatchTokens / SeqLen, 1, own);
        while (own % size != 0)
            size--;
        return this with { MicroBatchSize = size };
    }

    /// <summary>Every reason why a step cannot be cut like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var micro = MicroBatchSize.Or(1);
        var piece = (long)micro * SeqLen;
        var below = GlobalBatchTokens.Value / piece * piece;
        if (MaxGlobalBatchTokens is { } max)
            return FindRangeProblems(max, below, piece, path);
        if (below == GlobalBatchTokens.Value)
            return [];
        var sequences = micro == 1 ? "whole sequences" : "whole microbatches";
        var remedy = below == 0 ? $"{piece}" : $"{below} or {below + piece}";
        return
        [
            $"{path}.global_batch_tokens is {GlobalBatchTokens}, but a step is made of {sequences}: " +
            $"micro_batch_size {micro} x seq_len {SeqLen} = {piece} tokens. Use {remedy}.",
        ];
    }

    private IReadOnlyList<string> FindRangeProblems(TokenCount max, long below, long piece, string path)
    {
        var range = $"{path}.global_batch_tokens is [{GlobalBatchTokens}, {max}]";
        if (max <= GlobalBatchTokens)
            return [$"{range}, but a range goes up. Write {GlobalBatchTokens} alone, or [{max}, {GlobalBatchTokens}]."];
        return max.Value / piece * piece >= GlobalBatchTokens.Value
            ? []
            : [$"{range}, but no step within is made of whole pieces of micro_batch_size x seq_len = {piece} tokens. " +
                $"Use [{Math.Max(piece, below)}, {Math.Max(piece, below) + piece}]."];
    }
}
