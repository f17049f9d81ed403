using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>Operations of training a model on one sequence: forward and backward, nothing recomputed, masked pairs not counted.</summary>
/// <param name="Matrices">Products with weights, the head included.</param>
/// <param name="Attention">Scores and their product with the values; half of all pairs under a causal mask.</param>
public readonly record struct ShapeFlops(double Matrices, double Attention)
{
    private const double ForwardAndBackward = 3;

    public double PerSequence => Matrices + Attention;

    public static ShapeFlops Of(TransformerShape model, int seqLen)
    {
        var parameters = new ShapeParameters(model);
        var outside = parameters.Embedding + parameters.Positions + parameters.Vision;
        var products = parameters.Active - outside + (model.TieWordEmbeddings ? parameters.Embedding : 0);
        var vision = model.Vision is { } tower
            ? parameters.Vision * tower.ImageTokenShare * tower.TokensPerImage / tower.DecoderTokensPerImage
            : 0;
        var headDims = model.LatentAttention is { } latent
            ? latent.NopeHeadDim + latent.RopeHeadDim + latent.ValueHeadDim
            : 2 * model.HeadDim;
        var pairs = AttentionPairs.PerSequence(model, seqLen) * model.NumLayers;
        return new ShapeFlops(
            ForwardAndBackward * 2 * (products + vision) * seqLen, ForwardAndBackward * 2 * headDims * model.NumAttentionHeads * pairs);
    }
}
