namespace Altiplano.Planning.Mesh;

/// <summary>Which decoder layers each chunk of a pipeline holds; embedding and head come on top of the first and the last.</summary>
/// <remarks>
/// Even where the layers divide. Otherwise a layer is left out at both ends for the embedding and the head, if that divides
/// (Llama 3: 126 + 2 over 16 stages, arXiv:2407.21783 §3.3.2), else the chunks in the middle hold one more than the others.
/// </remarks>
public static class StageSplit
{
    /// <param name="chunks">Pipeline degree times virtual stages.</param>
    /// <param name="chunk">0 holds the embedding, <paramref name="chunks"/> - 1 the head.</param>
    public static int Layers(int numLayers, int chunks, int chunk)
    {
        var (each, rest) = (numLayers / chunks, numLayers % chunks);
        if (rest == 0)
            return each;
        if ((numLayers + 2) % chunks == 0)
            return (numLayers + 2) / chunks - (chunk == 0 ? 1 : 0) - (chunk == chunks - 1 ? 1 : 0);
        var firstLarger = (chunks - rest) / 2;
        return chunk >= firstLarger && chunk < firstLarger + rest ? each + 1 : each;
    }

    /// <summary>Decoder layers before a chunk: the index of its first one.</summary>
    public static int FirstLayer(int numLayers, int chunks, int chunk)
    {
        var (each, rest) = (numLayers / chunks, numLayers % chunks);
        if (rest == 0)
            return each * chunk;
        if ((numLayers + 2) % chunks == 0)
            return (numLayers + 2) / chunks * chunk - (chunk > 0 ? 1 : 0);
        return each * chunk + Math.Clamp(chunk - (chunks - rest) / 2, 0, rest);
    }
}
