using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Architecture;

/// <summary>The parameters of one chunk of a pipeline, over all its tensor- and expert-parallel ranks.</summary>
/// <param name="Layers">Decoder layers, mixtures included.</param>
/// <param name="Embedding">The embedding: on the first chunk, and on the last where it serves as the head too.</param>
/// <param name="Head">The output matrix of its own: on the last chunk.</param>
/// <param name="Dense">Everything else that is no routed expert: layers, positions, final norm, vision tower.</param>
/// <param name="Routed">Routed experts.</param>
public readonly record struct ChunkParameters(int Layers, int MixtureLayers, long Embedding, long Head, long Dense, long Routed)
{
    public long Total => Embedding + Head + Dense + Routed;

    /// <param name="chunks">Pipeline degree times virtual stages.</param>
    public static ChunkParameters Of(TransformerShape shape, ShapeParameters parameters, int chunks, int chunk)
    {
        var (isFirst, isLast) = (chunk == 0, chunk == chunks - 1);
        var layers = StageSplit.Layers(shape.NumLayers, chunks, chunk);
        var mixtures = parameters.MixtureLayers(StageSplit.FirstLayer(shape.NumLayers, chunks, chunk), layers);
        var dense = layers * parameters.EveryLayer + (layers - mixtures) * parameters.DenseMlp
            + mixtures * (parameters.Router + parameters.SharedExpert)
            + (isFirst ? parameters.Positions + parameters.Vision : 0) + (isLast ? parameters.Norm : 0);
        var embeds = isFirst || (isLast && shape.TieWordEmbeddings);
        return new ChunkParameters(
            layers, mixtures, embeds ? parameters.Embedding : 0, isLast ? parameters.Head : 0, dense,
            mixtures * parameters.NumExperts * parameters.Expert);
    }
}
