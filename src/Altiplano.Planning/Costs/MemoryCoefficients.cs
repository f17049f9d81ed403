using Altiplano.Planning.Units;

namespace Altiplano.Planning.Costs;

/// <summary>What a software stack takes of device memory beyond the tensors that a formula knows.</summary>
public sealed record MemoryCoefficients
{
    /// <summary>Driver context, workspaces and communication buffers.</summary>
    public required Bytes Framework { get; init; }

    /// <summary>Share of the dynamic memory that the allocator loses.</summary>
    public required double Fragmentation { get; init; }
}
