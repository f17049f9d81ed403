using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Plans;

internal static class PlanStack
{
    public static StackCoefficients Default { get; } = new()
    {
        Name = "prior",
        RelativeSigma = 0.08,
        Memory = new MemoryCoefficients { Framework = new Bytes(3L << 30), Fragmentation = 0.05 },
        Time = new TimeCoefficients
        {
            MatrixEfficiency = 0.75, MatrixHalfDepth = 300, WaveQuantisation = 0.5, AttentionEfficiency = 0.5, ShardedAttentionEfficiency = 0.5,
            AttentionHalfLength = 300, HeadSizeExponent = 0.3, MemoryEfficiency = 0.8, CastTraffic = 0.5, Launch = new Seconds(4e-6),
            StepOverhead = new Seconds(0.02), NvlinkEfficiency = 0.8, NetworkEfficiency = 0.8, NvlinkHop = new Seconds(2e-6),
            NetworkHop = new Seconds(5e-6), TensorParallelOverlap = 0.2, BytesPerGradient = 3, DataParallelOverlap = 0.5, GatherOverlap = 0.7,
            GatherCalls = 4, PrefetchParameters = 5e8, ExpertParallelOverlap = 0.2, Contention = 0.1, SelectiveShare = 0.3,
            PipelineTransferShare = 0.5, ExpertImbalance = 1.1, OptimizerEfficiency = 0.7, StragglerSigma = 0.005,
        },
    };
}
