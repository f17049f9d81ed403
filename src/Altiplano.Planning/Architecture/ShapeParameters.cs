namespace Altiplano.Planning.Architecture;

/// <summary>How many parameters each part of a <see cref="TransformerShape"/> has; everything is counted once, here.</summary>
/// <remarks>Counts elements. Where a shape has biases, a matrix's bias is counted with the matrix and a norm's with the norm.</remarks>
public sealed class ShapeParameters
{
    private readonly TransformerShape _shape;

    public ShapeParameters(TransformerShape shape)
    {
        _shape = shape;
        var bias = shape.HasBiases ? 1 : 0;
        long d = shape.HiddenSize;
        Embedding = shape.VocabSize * d;
        Positions = shape.LearnedPositions * d;
        Head = shape.TieWordEmbeddings ? 0 : Embedding;
        Norm = d * (1 + bias);
        (Query, KeyValue, Output, Latent) = shape.LatentAttention is { } latent ? OfLatent(shape, latent) : OfHeads(shape, bias);
        DenseMlp = OfMlp(shape, shape.IntermediateSize, bias);
        if (shape.Mixture is { } mixture)
        {
            Expert = OfMlp(shape, mixture.ExpertIntermediateSize, bias);
            SharedExpert = mixture.SharedIntermediateSize == 0 ? 0 : OfMlp(shape, mixture.SharedIntermediateSize, bias);
            Router = d * mixture.NumExperts;
            (NumExperts, TopK) = (mixture.NumExperts, mixture.TopK);
        }

        (VisionEncoder, VisionAdapter) = shape.Vision is { } vision ? OfVision(vision, d) : (0, 0);
        Total = OutsideLayers + (long)shape.NumLayers * EveryLayer + (long)NumDenseLayers * DenseMlp
            + (long)shape.NumMixtureLayers * (Router + SharedExpert + NumExperts * Expert);
        Active = Total - (long)shape.NumMixtureLayers * (NumExperts - TopK) * Expert;
    }

    public long Embedding { get; }

    /// <summary>Learned positions; 0 where positions are rotary.</summary>
    public long Positions { get; }

    /// <summary>The output matrix; 0 where it is the embedding.</summary>
    public long Head { get; }

    /// <summary>One norm: a gain for each element of the residual stream, and a shift where there are biases.</summary>
    public long Norm { get; }

    /// <summary>What makes queries, per layer, split over tp by query heads.</summary>
    public long Query { get; }

    /// <summary>What makes keys and values, per layer, split over tp by key/value heads.</summary>
    public long KeyValue { get; }

    /// <summary>Attention's output matrix, per layer, split over tp by query heads.</summary>
    public long Output { get; }

    /// <summary>Latent attention's down-projections and their norms, per layer: every tp rank has them whole.</summary>
    public long Latent { get; }

    public long Attention => Query + KeyValue + Output + Latent;

    /// <summary>The feed-forward part of a layer without experts.</summary>
    public long DenseMlp { get; }

    /// <summary>One routed expert.</summary>
    public long Expert { get; }

    /// <summary>The expert that every token visits; 0 for none.</summary>
    public long SharedExpert { get; }

    public long Router { get; }
    public int NumExperts { get; }
    public int TopK { get; }

    /// <summary>The image encoder; 0 for none.</summary>
    public long VisionEncoder { get; }

    /// <summary>What maps the encoder's output into the residual stream.</summary>
    public long VisionAdapter { get; }

    public long Vision => VisionEncoder + VisionAdapter;

    /// <summary>Attention and both norms.</summary>
    public long EveryLayer => Attention + 2 * Norm;

    /// <summary>A layer whose feed-forward part is not a mixture.</summary>
    public long DenseLayer => EveryLayer + DenseMlp;

    /// <summary>A layer with all its experts.</summary>
    public long MixtureLayer => EveryLayer + Router + SharedExpert + NumExperts * Expert;

    public int NumDenseLayers => _shape.NumLayers - _shape.NumMixtureLayers;

    /// <summary>Embedding, positions, final norm, head and vision tower.</summary>
    public long OutsideLayers => Embedding + Positions + Norm + Head + Vision;

    /// <summary>Every parameter once, a tied embedding once.</summary>
    public long Total { get; }

    /// <summary>Those that one token meets: all but the routed experts it does not visit.</summary>
    public long Active { get; }

    /// <summary>Elements of matrices alone: no norm, no bias, no learned position, as papers often count.</summary>
    public long Matrices
    {
        get
        {
            if (!_shape.HasBiases)
                return Total - Positions - Norm - _shape.NumLayers * (2 * Norm + LatentNorms);
            return new ShapeParameters(_shape with { HasBiases = false }).Matrices;
        }
    }

    /// <summary>Mixture layers among the <paramref name="count"/> layers from <paramref name="first"/> on.</summary>
    public int MixtureLayers(int first, int count) => MixturesBelow(first + count) - MixturesBelow(first);

    private long LatentNorms => _shape.LatentAttention is { } latent ? latent.QueryRank + latent.KeyValueRank : 0;

    private int MixturesBelow(int layer) =>
        _shape.Mixture is { } mixture && layer > mixture.NumDenseLayers ? (layer - mixture.NumDenseLayers) / mixture.Interleave : 0;

    private static long OfMlp(TransformerShape shape, long width, int bias)
    {
        long d = shape.HiddenSize;
        var inward = shape.IsMlpGated ? 2 : 1;
        return (inward + 1) * d * width + bias * (inward * width + d);
    }

    private static (long Query, long KeyValue, long Output, long Latent) OfHeads(TransformerShape shape, int bias)
    {
        long d = shape.HiddenSize;
        long queries = shape.NumAttentionHeads * (long)shape.HeadDim;
        long keys = shape.NumKeyValueHeads * (long)shape.HeadDim;
        return (queries * (d + bias), 2 * keys * (d + bias), d * (queries + bias), 0);
    }

    /// <remarks>DeepSeek-V3's reference implementation: norms on both compressed forms, one rotary key for all heads.</remarks>
    private static (long Query, long KeyValue, long Output, long Latent) OfLatent(TransformerShape shape, LatentAttentionShape latent)
    {
        long d = shape.HiddenSize;
        long heads = shape.NumAttentionHeads;
        long queries = heads * (latent.NopeHeadDim + latent.RopeHeadDim);
        long rank = latent.QueryRank;
        var query = (rank > 0 ? rank : d) * queries;
        var keyValue = (long)latent.KeyValueRank * heads * (latent.NopeHeadDim + latent.ValueHeadDim);
        var down = rank * (d + 1) + d * (latent.KeyValueRank + latent.RopeHeadDim) + latent.KeyValueRank;
        return (query, keyValue, d * heads * latent.ValueHeadDim, down);
    }

    /// <remarks>
    /// A plain encoder with biases: patches of 14 x 14 pixels in three colours, a position for each patch and a class token, and
    /// one matrix from the joined patches (TokensPerImage / DecoderTokensPerImage of them) to the residual stream.
    /// </remarks>
    private static (long Encoder, long Adapter) OfVision(VisionTower tower, long decoderHidden)
    {
        const long PatchElements = 3 * 14 * 14;
        long d = tower.HiddenSize;
        long f = tower.IntermediateSize;
        var layer = 4 * d * (d + 1) + 2 * d * f + f + d + 4 * d;
        var joined = Math.Max(1, tower.TokensPerImage / tower.DecoderTokensPerImage);
        var encoder = PatchElements * d + (tower.TokensPerImage + 2) * d + 4 * d + tower.NumLayers * layer;
        return (encoder, joined * d * decoderHidden);
    }
}
