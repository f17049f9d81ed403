using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Costs;

/// <summary>Weights of the parts of a model, whole; elements.</summary>
/// <param name="Attention">Projections of one layer.</param>
/// <param name="DenseFeedForward">Feed-forward part of a layer without experts.</param>
/// <param name="Shared">Router and shared expert of a layer with experts.</param>
/// <param name="Routed">All routed experts of one layer.</param>
/// <param name="Embedding">Input embedding; the head is as large.</param>
public readonly record struct LayerParameters(double Attention, double DenseFeedForward, double Shared, double Routed, double Embedding)
{
    public static LayerParameters Of(TransformerShape model)
    {
        double hidden = model.HiddenSize;
        var matrices = model.IsMlpGated ? 3.0 : 2.0;
        var mixture = model.Mixture;
        return new LayerParameters(
            OfAttention(model),
            matrices * hidden * model.IntermediateSize,
            mixture is null ? 0 : hidden * (mixture.NumExperts + matrices * mixture.SharedIntermediateSize),
            mixture is null ? 0 : matrices * hidden * mixture.ExpertIntermediateSize * mixture.NumExperts,
            hidden * model.VocabSize);
    }

    private static double OfAttention(TransformerShape model)
    {
        double hidden = model.HiddenSize;
        double heads = model.NumAttentionHeads;
        if (model.LatentAttention is not { } latent)
            return 2 * hidden * model.HeadDim * (heads + model.NumKeyValueHeads);
        double keyDim = latent.NopeHeadDim + latent.RopeHeadDim;
        var query = latent.QueryRank > 0 ? latent.QueryRank * (hidden + heads * keyDim) : hidden * heads * keyDim;
        var keyValue = hidden * (latent.KeyValueRank + latent.RopeHeadDim)
            + latent.KeyValueRank * heads * (latent.NopeHeadDim + latent.ValueHeadDim);
        return query + keyValue + heads * latent.ValueHeadDim * hidden;
    }
}
