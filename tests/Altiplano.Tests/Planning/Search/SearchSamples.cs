using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Search;

/// <summary>Small models and clusters whose every layout can be evaluated.</summary>
internal static class SearchSamples
{
    public static GpuSpec Gpu { get; } = PlanningSamples.Cluster(8).Server.Gpu with { Name = "test-gpu" };

    public static StackCoefficients Stack { get; } = new()
    {
        Name = "test",
        RelativeSigma = 0.05,
        Memory = new MemoryCoefficients { Framework = new Bytes(1L << 30), Fragmentation = 0.05 },
        Time = new TimeCoefficients
        {
            MatrixEfficiency = 0.75, MatrixHalfDepth = 300, AttentionEfficiency = 0.5, ShardedAttentionEfficiency = 0.5,
            AttentionHalfLength = 300, HeadSizeExponent = 0.3, MemoryEfficiency = 0.8, CastTraffic = 0.5, Launch = new Seconds(4e-6),
            HostDelay = new Seconds(0.005), NvlinkEfficiency = 0.8, NetworkEfficiency = 0.8,
            NetworkHop = new Seconds(5e-6), TensorParallelOverlap = 0.2, BytesPerGradient = 3, DataParallelOverlap = 0.5, GatherOverlap = 0.7,
            GatherCalls = 4, PrefetchParameters = 5e8, ExpertParallelOverlap = 0.2, Contention = 0.1,
            PipelineTransferShare = 0.5, ExpertImbalance = 1.1, OptimizerEfficiency = 0.7, StragglerSigma = 0.005,
        },
    };

    public static RunReliability Reliability { get; } = new(
        new FailureRates
        {
            Name = "test",
            Components = [new ComponentRate { Component = FailureComponent.Unattributed, Rate = FailureRate.PerThousandServerDays(6.5) }],
        },
        [
            new RecoveryPolicy
            {
                Name = "disk", Source = RestartSource.Disk, Detection = new Seconds(120), Restart = new Seconds(600),
                CheckpointBlocking = new Seconds(10), CheckpointWrite = new Seconds(60), Repair = new Seconds(7200),
            },
        ]);

    public static TransformerShape Dense { get; } = new()
    {
        Name = "dense", VocabSize = 32000, HiddenSize = 4096, NumLayers = 6, NumAttentionHeads = 32, NumKeyValueHeads = 8, IntermediateSize = 14336,
    };

    /// <summary>The sample cluster with two tiers, the upper one oversubscribed.</summary>
    public static ClusterSpec Cluster(int gpus, double memoryGib = 80)
    {
        var sample = PlanningSamples.Cluster(gpus);
        return sample with
        {
            Server = sample.Server with { Gpu = Gpu with { Memory = new Bytes((long)(memoryGib * (1L << 30))) }, NvlinkLatency = new Seconds(1e-6) },
            Network = sample.Network with { Tiers = [Tier("rack", 16, 1), Tier("site", 1 << 20, 2)] },
        };
    }

    public static PlanRequest Request(TransformerShape model, ClusterSpec cluster, long minBatch, long maxBatch, int seqLen = 2048) => new()
    {
        Model = model, Cluster = cluster, Stack = Stack, Reliability = Reliability, Phases = [new PlanPhase("all", 1e10, seqLen, minBatch, maxBatch)],
    };

    /// <summary>Requests small enough to be searched exhaustively, of many shapes.</summary>
    public static Gen<PlanRequest> Requests { get; } =
        from heads in OneOf(4, 6, 8)
        from layers in Gen.Int[1, 5]
        from experts in OneOf(0, 0, 4)
        from gpus in OneOf(2, 8, 12, 16)
        from memory in OneOf(2.0, 4.0, 8.0, 80.0)
        from batch in OneOf(8, 12, 16)
        from range in OneOf(0, 3)
        from seq in OneOf(512, 1536)
        from objective in OneOf(Objective.Time, Objective.Cost, Objective.Energy)
        from top in OneOf(1, 5)
        from isFp8 in Gen.Bool
        select Request(Shape(heads, layers, experts), Cluster(gpus, memory), batch, batch + range, seq) with
        {
            Objective = objective,
            Top = top,
            Precision = isFp8 ? Precision.Fp8 : Precision.Bf16,
        };

    private static NetworkTier Tier(string name, int gpus, double oversubscription) => new(
        name, gpus, oversubscription, new Seconds(3e-6))
    { SwitchPowerPerGpu = new Watts(20), OpticsPowerPerGpu = new Watts(10) };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static TransformerShape Shape(int heads, int layers, int experts) => new()
    {
        Name = "small",
        VocabSize = 32000,
        HiddenSize = 128 * heads,
        NumLayers = layers,
        NumAttentionHeads = heads,
        NumKeyValueHeads = heads / 2,
        IntermediateSize = 384 * heads,
        Mixture = experts == 0 ? null : new MixtureShape(experts, 2, 384 * heads),
    };
}
