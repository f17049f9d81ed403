using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Parameters that one rank of a layout holds before ZeRO shards them, by part.</summary>
/// <param name="DenseLayer">A layer without experts.</param>
/// <param name="MixtureLayer">A layer with experts, less its routed experts.</param>
/// <param name="Routed">The routed experts of such a layer.</param>
/// <param name="Embedding">Input embedding; the output matrix is as large.</param>
/// <param name="First">What the first stage has beyond its layers and the embedding: learned positions, vision tower.</param>
/// <param name="Norm">The final norm.</param>
public readonly record struct RankParameters(
    double DenseLayer, double MixtureLayer, double Routed, double Embedding, double First, double Norm)
{
    /// <remarks>
    /// tp splits matrices and their biases; norms, routers and latent down-projections are whole on every rank. Key/value heads
    /// fewer than tp are copied. Vocabulary rows are padded to a multiple of tp.
    /// </remarks>
    public static RankParameters Of(TransformerShape model, ShapeParameters whole, in Layout layout)
    {
        double tp = layout.Tp;
        var keyValueSplit = model.LatentAttention is null ? Math.Min(layout.Tp, model.NumKeyValueHeads) : layout.Tp;
        var every = (whole.Query + whole.Output) / tp + (double)whole.KeyValue / keyValueSplit + whole.Latent + 2 * whole.Norm;
        var rows = (model.VocabSize + layout.Tp - 1) / layout.Tp;
        return new RankParameters(
            every + whole.DenseMlp / tp,
            every + whole.Router + whole.SharedExpert / tp,
            (double)whole.NumExperts / layout.Ep * whole.Expert / tp,
            (double)rows * model.HiddenSize,
            whole.Positions + whole.VisionAdapter + whole.VisionEncoder / VisionSplit(model, layout),
            whole.Norm);
    }

    /// <summary>A vision tower is split over tp where its heads divide, else every rank has it whole.</summary>
    internal static double VisionSplit(TransformerShape model, in Layout layout) =>
        model.Vision is { } vision && vision.NumAttentionHeads % layout.Tp == 0 ? layout.Tp : 1;
}
