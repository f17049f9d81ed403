using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Costs;

/// <summary>Query-key pairs that the masks of a model leave.</summary>
public static class AttentionPairs
{
    /// <returns>Pairs of one sequence and head, averaged over layers; half of all pairs for plain causal attention.</returns>
    public static double PerSequence(TransformerShape model, int seqLen)
    {
        var causal = (double)seqLen * seqLen / 2;
        if (model.Window is not { } window || window.Tokens >= seqLen)
            return causal;
        double span = window.Tokens;
        var windowed = window.IsChunked ? seqLen * span / 2 : seqLen * span - span * span / 2;
        var full = window.FullEvery == 0 ? 0 : 1.0 / window.FullEvery;
        return full * causal + (1 - full) * windowed;
    }
}
