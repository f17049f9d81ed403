using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Costs;

/// <summary>Query-key pairs that the masks of a model leave.</summary>
public static class AttentionPairs
{
    /// <summary>Pairs of one document and head in all layers together, causal attention counting as half of all pairs.</summary>
    /// <remarks>Layers that attend within chunks cut the document from its start, and its last chunk may be shorter.</remarks>
    public static double OfDocument(LlamaArchitecture model, long length)
    {
        var whole = Causal(length);
        if (model.Attention is not { } attention || attention.ChunkTokens >= length)
            return whole * model.NumLayers;
        var (chunks, rest) = Math.DivRem(length, attention.ChunkTokens);
        var numFull = Enumerable.Range(0, model.NumLayers).Count(attention.IsFullLayer);
        return whole * numFull + (chunks * Causal(attention.ChunkTokens) + Causal(rest)) * (model.NumLayers - numFull);
    }

    /// <returns>Pairs of one sequence and head, averaged over layers; half of all pairs for plain causal attention.</returns>
    public static double PerSequence(TransformerShape model, int seqLen)
    {
        var causal = Causal(seqLen);
        if (model.Window is not { } window || window.Tokens >= seqLen)
            return causal;
        double span = window.Tokens;
        var windowed = window.IsChunked ? seqLen * span / 2 : seqLen * span - span * span / 2;
        var full = window.FullEvery == 0 ? 0 : 1.0 / window.FullEvery;
        return full * causal + (1 - full) * windowed;
    }

    private static double Causal(double length) => length * length / 2;
}
