using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Campaign;

/// <summary>Model FLOPs of one token: products with the parameters it meets, and causal attention; recompute is not counted.</summary>
public static class TokenFlops
{
    private const double ForwardAndBackward = 3;

    public static double Training(TransformerShape model, int seqLen) => ForwardAndBackward * Forward(model, seqLen);

    /// <summary>The forward pass alone: what a teacher does for a student's token.</summary>
    public static double Forward(TransformerShape model, int seqLen)
    {
        var parameters = new ShapeParameters(model);
        var lookedUp = parameters.Positions + (model.TieWordEmbeddings ? 0 : parameters.Embedding);
        var full = FullLayers(model);
        var pairs = full * (double)seqLen / 2 + (model.NumLayers - full) * MeanSpan(model.Window, seqLen);
        return 2.0 * (parameters.Active - lookedUp - parameters.Vision) + 4.0 * pairs * model.NumAttentionHeads * model.HeadDim;
    }

    private static int FullLayers(TransformerShape model) =>
        model.Window is not { } window ? model.NumLayers : window.FullEvery == 0 ? 0 : model.NumLayers / window.FullEvery;

    /// <summary>Positions that one query sees on average, in a layer that sees a part of the sequence.</summary>
    private static double MeanSpan(AttentionWindow? window, int seqLen)
    {
        if (window is null)
            return seqLen / 2.0;
        double span = Math.Min(window.Tokens, seqLen);
        return window.IsChunked ? span / 2 : span - span * span / (2 * seqLen);
    }
}
