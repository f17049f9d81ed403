namespace Altiplano.Training.Parallel;

/// <summary>What of the training state is spread over dp_shard.</summary>
/// <param name="ZeroStage">0 nothing, 1 the optimizer's state, 2 gradients too, 3 weights too.</param>
public sealed record Sharding(DeviceMesh Mesh, int ZeroStage)
{
    /// <summary>One process, which has all of everything.</summary>
    public static Sharding None { get; } = new(DeviceMesh.Single, 0);

    /// <summary>The axis whose ranks each keep one part of a flat buffer.</summary>
    public Axis Axis => Mesh.DpShard;

    /// <summary>Parts that the optimizer's state is in.</summary>
    public int NumParts => ZeroStage == 0 ? 1 : Axis.Degree;

    /// <summary>True where all weights stay in memory between their uses.</summary>
    public bool KeepsWeights => NumParts == 1 || ZeroStage < 3;

    /// <summary>True where the gradients of all microbatches are summed before they are spread.</summary>
    public bool KeepsGradients => NumParts == 1 || ZeroStage < 2;

    /// <summary>Elements of each part of a buffer; the last part is filled up with zeros.</summary>
    public long PartLength(long length) => (length + NumParts - 1) / NumParts;

    /// <summary>First element of this rank's part.</summary>
    public long PartStart(long length) => NumParts == 1 ? 0 : Axis.Rank * PartLength(length);
}
