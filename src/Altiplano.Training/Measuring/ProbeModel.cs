using System.Collections.Immutable;
using Altiplano.Planning.Architecture;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;

namespace Altiplano.Training.Measuring;

/// <summary>A model whose steps are timed to learn what operators cost.</summary>
/// <param name="Sequences">Of one step, in one microbatch.</param>
/// <param name="Steps">Timed in each round; every rank runs as many.</param>
internal sealed record ProbeModel(LlamaArchitecture Architecture, int SeqLen, int Sequences, int Steps)
{
    private const int WordStride = 7919;

    /// <summary>
    /// From products that fit the caches to those of models that a machine of this kind trains; smallest first, so that the peak of
    /// resident memory grows from one to the next.
    /// </summary>
    public static ImmutableArray<ProbeModel> All { get; } =
    [
        Of(vocabulary: 4_096, hidden: 128, feedForward: 352, layers: 2, heads: 4, keyValueHeads: 4, seqLen: 128, sequences: 4, steps: 30),
        Of(vocabulary: 12_000, hidden: 256, feedForward: 704, layers: 3, heads: 4, keyValueHeads: 4, seqLen: 256, sequences: 4, steps: 12),
        Of(vocabulary: 20_000, hidden: 384, feedForward: 1_024, layers: 3, heads: 8, keyValueHeads: 4, seqLen: 512, sequences: 2, steps: 8),
        Of(vocabulary: 32_000, hidden: 640, feedForward: 1_728, layers: 2, heads: 10, keyValueHeads: 10, seqLen: 256, sequences: 4, steps: 5),
    ];

    /// <summary>Random enough: no two neighbours alike, every word reached.</summary>
    public HostBatch NewBatch(int rank)
    {
        var rows = SeqLen * Sequences;
        var (tokens, targets) = (new long[rows], new long[rows]);
        for (var i = 0; i < rows; i++)
        {
            tokens[i] = (long)(i + rank * rows) * WordStride % Architecture.VocabSize;
            targets[i] = (long)(i + 1 + rank * rows) * WordStride % Architecture.VocabSize;
        }

        return new HostBatch(tokens, targets, [.. Enumerable.Range(0, Sequences).Select(s => new Segment(s * SeqLen, SeqLen))]);
    }

    private static ProbeModel Of(
        int vocabulary, int hidden, int feedForward, int layers, int heads, int keyValueHeads, int seqLen, int sequences, int steps) => new(
        new LlamaArchitecture
        {
            VocabSize = vocabulary, HiddenSize = hidden, IntermediateSize = feedForward, NumLayers = layers, NumAttentionHeads = heads,
            NumKeyValueHeads = keyValueHeads, TieWordEmbeddings = true, MaxPositionEmbeddings = seqLen,
        },
        seqLen, sequences, steps);
}
