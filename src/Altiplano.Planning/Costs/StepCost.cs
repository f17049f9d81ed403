namespace Altiplano.Planning.Costs;

/// <summary>Closed-form cost of one step of one layout.</summary>
/// <param name="Time">Seconds by part.</param>
/// <param name="Memory">Bytes by part on the fullest rank.</param>
/// <param name="FullestStage">The pipeline stage of that rank.</param>
/// <param name="MatrixFlopsPerGpu">Operations of matrix products and attention that one GPU does in a step, recompute included.</param>
/// <param name="MemoryTrafficPerGpu">Bytes that one GPU moves to and from its memory in a step.</param>
/// <param name="NvlinkBytesPerGpu">Bytes that one GPU sends inside its server in a step.</param>
/// <param name="NetworkBytesPerGpu">Bytes that one GPU sends to other servers in a step.</param>
public readonly record struct StepCost(
    StepTime Time, MemoryUse Memory, int FullestStage, double MatrixFlopsPerGpu, double MemoryTrafficPerGpu,
    double NvlinkBytesPerGpu, double NetworkBytesPerGpu);
