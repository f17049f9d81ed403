using Altiplano.Planning.Architecture;

namespace Altiplano.Planning;

/// <summary>What a step computes, however it is laid out.</summary>
public sealed record Workload
{
    public required TransformerShape Model { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int SeqLen { get; init; }

    /// <summary>Sequences of one optimizer step, over all ranks.</summary>
    public required long GlobalBatchSequences { get; init; }

    public Precision Precision { get; init; } = Precision.Bf16;

    public double TokensPerStep => (double)SeqLen * GlobalBatchSequences;
}
