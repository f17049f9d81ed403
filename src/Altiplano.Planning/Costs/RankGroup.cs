namespace Altiplano.Planning.Costs;

/// <summary>How the ranks of one axis lie on the servers.</summary>
/// <param name="Size">Ranks of the group.</param>
/// <param name="PerServer">How many of them share a server, and so drive that many of its NICs.</param>
/// <param name="Stride">Global ranks between two neighbours.</param>
public readonly record struct RankGroup(int Size, int PerServer, long Stride)
{
    /// <param name="stride">Product of all degrees further in.</param>
    public static RankGroup Of(int size, long stride, int gpusPerServer)
    {
        var perServer = stride >= gpusPerServer ? 1 : (int)Math.Min(size, gpusPerServer / stride);
        return new RankGroup(size, perServer, stride);
    }

    /// <summary>Servers that the group spans.</summary>
    public int Servers => (Size + PerServer - 1) / PerServer;

    /// <summary>GPUs from the first rank of the group to its last.</summary>
    public long Span => (Size - 1) * Stride + 1;
}
