namespace Altiplano.Distributed.Nccl;

/// <summary>How a process uses NCCL.</summary>
public sealed record NcclOptions
{
    /// <summary>Ordinal of this rank's GPU.</summary>
    public int Device { get; init; }

    /// <summary>The stream that the calling thread computes on; 0 is CUDA's default one. Asked at each start and each wait.</summary>
    public Func<nint> ComputeStream { get; init; } = () => 0;

    public CommunicatorOptions Communicator { get; init; } = new();
}
