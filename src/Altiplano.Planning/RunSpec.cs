using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning;

/// <summary>What is computed and how it is laid out: all that a plan needs to know of a run.</summary>
public sealed record RunSpec
{
    public required ModelSpec Model { get; init; }
    public MeshSpec Mesh { get; init; } = new();
    public ParallelSpec Parallel { get; init; } = new();
    public required BatchSpec Batch { get; init; }
    public Precision Precision { get; init; } = Precision.Fp32;
}
