namespace Altiplano.Planning.Architecture;

/// <summary>
/// The shape of any decoder that a plan can be asked about: a Llama, a GPT, a mixture of experts, with or without a vision tower.
/// </summary>
/// <remarks>Sizes count elements. What the trainer can train is a <see cref="LlamaArchitecture"/>, from which this follows.</remarks>
public sealed record TransformerShape
{
    public required string Name { get; init; }
    public required int VocabSize { get; init; }
    public required int HiddenSize { get; init; }
    public required int NumLayers { get; init; }
    public required int NumAttentionHeads { get; init; }
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of the feed-forward part of a layer without experts.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Size of one head; hidden size / heads unless given.</summary>
    public int HeadDim
    {
        get => field != 0 ? field : NumAttentionHeads == 0 ? 0 : HiddenSize / NumAttentionHeads;
        init;
    }

    /// <summary>Three matrices (gate, up, down) instead of two.</summary>
    public bool IsMlpGated { get; init; } = true;

    public bool TieWordEmbeddings { get; init; }

    /// <summary>Biases on every matrix and norm, as in GPT.</summary>
    public bool HasBiases { get; init; }

    /// <summary>Rows of a learned position embedding; 0 where positions are rotary.</summary>
    public int LearnedPositions { get; init; }

    /// <summary>Base of the rotary embedding; null where the description does not say, since no size or time depends on it.</summary>
    public double? RopeTheta { get; init; }

    /// <summary>What norms add to the mean square; null where the description does not say.</summary>
    public double? NormEpsilon { get; init; }

    public MixtureShape? Mixture { get; init; }
    public LatentAttentionShape? LatentAttention { get; init; }
    public AttentionWindow? Window { get; init; }
    public VisionTower? Vision { get; init; }

    /// <summary>What each size rests on, by key; keys not named are published.</summary>
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = Published;

    private static IReadOnlyDictionary<string, Evidence> Published { get; } = new Dictionary<string, Evidence>();

    public static TransformerShape Of(string name, LlamaArchitecture llama) => new()
    {
        Name = name,
        VocabSize = llama.VocabSize,
        HiddenSize = llama.HiddenSize,
        NumLayers = llama.NumLayers,
        NumAttentionHeads = llama.NumAttentionHeads,
        NumKeyValueHeads = llama.NumKeyValueHeads,
        IntermediateSize = llama.IntermediateSize,
        HeadDim = llama.HeadDim,
        TieWordEmbeddings = llama.TieWordEmbeddings,
        RopeTheta = llama.RopeTheta,
        NormEpsilon = llama.RmsNormEps,
        Mixture = llama.Mixture,
        Window = llama.Attention is { } attention ? new AttentionWindow(attention.ChunkTokens, attention.FullEvery, IsChunked: true) : null,
    };

    /// <summary>True where a layer's feed-forward part is a mixture of experts.</summary>
    public bool IsMixtureLayer(int layer) => Mixture?.IsMixtureLayer(layer) ?? false;

    public int NumMixtureLayers => Mixture is { } m ? (NumLayers - m.NumDenseLayers) / m.Interleave : 0;

    /// <summary>Every reason why no model can have this shape, each prefixed with <paramref name="path"/>; empty when it can.</summary>
    public IReadOnlyList<string> FindProblems(string path) => ShapeRules.FindProblems(this, path);
}

/// <summary>A mixture of experts in place of a layer's feed-forward part.</summary>
/// <param name="NumExperts">Routed experts of a layer.</param>
/// <param name="TopK">Routed experts that each token visits.</param>
/// <param name="ExpertIntermediateSize">Width of one routed expert.</param>
/// <param name="SharedIntermediateSize">Width of the expert that every token visits; 0 for none.</param>
/// <param name="Interleave">Every how many layers a mixture comes, the last of each group; 1 is every layer.</param>
/// <param name="NumDenseLayers">Leading layers without experts.</param>
public sealed record MixtureShape(
    int NumExperts, int TopK, int ExpertIntermediateSize, int SharedIntermediateSize = 0, int Interleave = 1, int NumDenseLayers = 0)
{
    /// <summary>True where a layer has experts.</summary>
    public bool IsMixtureLayer(int layer) => layer >= NumDenseLayers && (layer - NumDenseLayers) % Interleave == Interleave - 1;
}

/// <summary>Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434 §2.1): low-rank queries, keys and values.</summary>
/// <param name="QueryRank">Width of the compressed query; 0 where queries are a plain projection.</param>
/// <param name="KeyValueRank">Width of the compressed keys and values.</param>
/// <param name="NopeHeadDim">Part of a head without rotary embedding.</param>
/// <param name="RopeHeadDim">Part of a head with rotary embedding; its key is shared by all heads.</param>
/// <param name="ValueHeadDim">Size of a value head.</param>
public sealed record LatentAttentionShape(int QueryRank, int KeyValueRank, int NopeHeadDim, int RopeHeadDim, int ValueHeadDim);

/// <summary>Attention that sees a part of the sequence in most layers.</summary>
/// <param name="Tokens">Longest span that a windowed or chunked layer sees.</param>
/// <param name="FullEvery">Every how many layers one sees the whole sequence; 0 where none does.</param>
/// <param name="IsChunked">True for chunks that do not overlap (Llama 4), false for a sliding window.</param>
public sealed record AttentionWindow(int Tokens, int FullEvery, bool IsChunked);

/// <summary>An image encoder whose output tokens enter the decoder.</summary>
/// <param name="TokensPerImage">Patches that the encoder sees of one image.</param>
/// <param name="DecoderTokensPerImage">Tokens of the decoder's sequence that one image becomes.</param>
/// <param name="ImageTokenShare">Share of the decoder's training tokens that are images.</param>
public sealed record VisionTower(
    int NumLayers, int HiddenSize, int IntermediateSize, int NumAttentionHeads, int TokensPerImage, int DecoderTokensPerImage,
    double ImageTokenShare);
