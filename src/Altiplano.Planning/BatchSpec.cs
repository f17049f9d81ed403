using Altiplano.Planning.Units;

namespace Altiplano.Planning;

/// <summary>How many tokens make a step, and in what pieces.</summary>
public sealed record BatchSpec
{
    /// <summary>A microbatch left to us stays under this many tokens: enough for efficient products, little memory.</summary>
    private const int AutoMicroBatchTokens = 4096;

    /// <summary>Tokens of one optimizer step, over all ranks and microbatches.</summary>
    public required TokenCount GlobalBatchTokens { get; init; }

    /// <summary>Sequences of one forward and backward pass.</summary>
    public OrAuto<int> MicroBatchSize { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int SeqLen { get; init; }

    public int SequencesPerStep => (int)(GlobalBatchTokens.Value / SeqLen);

    /// <summary>Forward and backward passes of one step on one data-parallel rank.</summary>
    public int MicroBatchesPerStep => SequencesPerStep / Decided().MicroBatchSize.Or(1);

    /// <summary>
    /// The same batch with a micro batch size: the largest divisor of the step's sequences that stays under 4096 tokens.
    /// </summary>
    public BatchSpec Decided()
    {
        if (!MicroBatchSize.IsAuto)
            return this;
        var size = Math.Clamp(AutoMicroBatchTokens / SeqLen, 1, SequencesPerStep);
        while (SequencesPerStep % size != 0)
            size--;
        return this with { MicroBatchSize = size };
    }

    /// <summary>Every reason why a step cannot be cut like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var micro = MicroBatchSize.Or(1);
        var piece = (long)micro * SeqLen;
        if (GlobalBatchTokens.Value % piece == 0)
            return [];
        var sequences = micro == 1 ? "whole sequences" : "whole microbatches";
        var below = GlobalBatchTokens.Value / piece * piece;
        var remedy = below == 0 ? $"{piece}" : $"{below} or {below + piece}";
        return
        [
            $"{path}.global_batch_tokens is {GlobalBatchTokens}, but a step is made of {sequences}: " +
            $"micro_batch_size {micro} x seq_len {SeqLen} = {piece} tokens. Use {remedy}.",
        ];
    }
}
