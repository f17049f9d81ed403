using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Mesh;

/// <summary>A run of decoder layers that one pipeline rank holds; the first chunk has the embedding too, the last final norm and head.</summary>
public readonly record struct PipelineChunk(int FirstLayer, int NumLayers, bool IsFirst, bool IsLast)
{
    /// <summary>A rank's chunks: chunk c of rank r is chunk c x pp + r of the model.</summary>
    public static IReadOnlyList<PipelineChunk> OfRank(int numLayers, int pp, int virtualStages, int rank)
    {
        var chunks = pp * virtualStages;
        return
        [
            .. from c in Enumerable.Range(0, virtualStages)
               let index = c * pp + rank
               select new PipelineChunk(
                   StageSplit.FirstLayer(numLayers, chunks, index), StageSplit.Layers(numLayers, chunks, index), index == 0, index == chunks - 1),
        ];
    }

    /// <summary>Whether the chunk reads a parameter; a tied embedding is read by the first and the last.</summary>
    public bool Holds(ParameterSpec parameter, bool isTied) => parameter switch
    {
        { Layer: { } layer } => layer >= FirstLayer && layer < FirstLayer + NumLayers,
        { Role: ParameterRole.Embedding } => IsFirst || (IsLast && isTied),
        _ => IsLast,
    };
}
