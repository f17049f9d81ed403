using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;

namespace Altiplano.Training.Parallel.SelfTest;

/// <summary>A toy training run that every layout repeats: small enough for a second, odd enough to meet uneven parts.</summary>
public sealed record TrialSpec
{
    public const int SeqLen = 16;
    public const int SequencesPerStep = 8;
    public const int MaxMicroBatchSize = 2;

    /// <summary>Three divide by no number of pipeline stages.</summary>
    public const int NumLayers = 3;

    /// <summary>Each tp rank has a key/value head or more.</summary>
    public const int MaxTp = 4;

    /// <summary>Fewer rows than a microbatch has, so that the head works in chunks.</summary>
    public const int HeadChunkRows = 10;

    /// <summary>67 words divide by no number of ranks, nor do the groups of norms by most.</summary>
    public LlamaArchitecture Architecture { get; init; } = new()
    {
        VocabSize = 67, HiddenSize = 36, IntermediateSize = 48, NumLayers = NumLayers, NumAttentionHeads = 8, NumKeyValueHeads = 4, HeadDim = 6,
        MaxPositionEmbeddings = SeqLen,
    };

    /// <summary>The same with Llama 4's rules: all but the first layer are mixtures, the second sees whole documents.</summary>
    public static LlamaArchitecture MixtureOfExperts { get; } = new TrialSpec().Architecture with
    {
        Mixture = new MixtureShape(4, 1, 20, SharedIntermediateSize: 28, NumDenseLayers: 1),
        Attention = new Llama4Attention(6, 2, HasQkNorm: true, new AttentionTemperature(4, 0.1)),
    };

    public Precision Precision { get; init; } = Precision.Fp64;
    public Recompute Recompute { get; init; }
    public int Steps { get; init; } = 4;
    public long Seed { get; init; } = 1;
    public OptimizerConfig Optimizer { get; init; } = new() { Lr = 1e-2 };

    /// <summary>Every layout of 2 to so many ranks that the model is tried on.</summary>
    public IReadOnlyList<TrialLayout> Layouts(int maxRanks) => TrialLayout.Grid(maxRanks, Architecture.Mixture?.NumExperts ?? 0);

    /// <summary>Sequences of two documents of different lengths, some ends without a target, from the sequence's number alone.</summary>
    public BatchSource NewBatches() => new(ReadWindow, SeqLen, documentMask: true);

    private Range ReadWindow(long number, Span<int> tokens, List<int> segmentStarts)
    {
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = (int)((number * 7 + i * (3 + number % 4) + 5) % Architecture.VocabSize);
        segmentStarts.Clear();
        segmentStarts.AddRange([0, 3 + (int)(number % 5)]);
        return ..(SeqLen - (int)(number % 3));
    }
}
