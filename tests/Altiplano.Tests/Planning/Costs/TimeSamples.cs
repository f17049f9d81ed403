using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Search;
using CsCheck;

namespace Altiplano.Tests.Planning.Costs;

/// <summary>Workloads, clusters and layouts whose step is timed.</summary>
internal static class TimeSamples
{
    public static TimeCoefficients Coefficients => SearchSamples.Stack.Time;

    public static TransformerShape Llama8B { get; } = new()
    {
        Name = "llama-8b", VocabSize = 128256, HiddenSize = 4096, NumLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8,
        IntermediateSize = 14336,
    };

    public static Workload Workload(TransformerShape? model = null, Precision precision = Precision.Bf16) => new()
    {
        Model = model ?? Llama8B, SeqLen = 4096, GlobalBatchSequences = 64, Precision = precision,
    };

    public static ClusterSpec Cluster(double nvlink = 450e9, double network = 50e9, double memory = 3.35e12, double oversubscription = 1)
    {
        var cluster = SearchSamples.Cluster(1 << 14);
        return cluster with
        {
            Server = cluster.Server with
            {
                NvlinkBandwidth = new BytesPerSecond(nvlink),
                Gpu = cluster.Server.Gpu with { PeakFp8 = new FlopsPerSecond(2e15), MemoryBandwidth = new BytesPerSecond(memory) },
            },
            Network = cluster.Network with
            {
                BandwidthPerGpu = new BytesPerSecond(network),
                Tiers =
                [
                    new NetworkTier("rack", 16, 1, new Seconds(3e-6)),
                    new NetworkTier("site", 1 << 20, oversubscription, new Seconds(6e-6)),
                ],
            },
        };
    }

    public static TimeModel Model(ClusterSpec? cluster = null, Workload? workload = null, TimeCoefficients? coefficients = null) =>
        new(workload ?? Workload(), cluster ?? Cluster(), coefficients ?? Coefficients);

    public static Gen<Layout> Layouts { get; } =
        from tp in OneOf(1, 2, 8, 16)
        from cp in OneOf(1, 2)
        from dp in OneOf(1, 4, 16)
        from pp in OneOf(1, 4, 8)
        from vp in OneOf(1, 2)
        from zero in Gen.Int[0, 3]
        from recompute in OneOf(Recompute.None, Recompute.Selective, Recompute.Full)
        from hasSequenceParallel in Gen.Bool
        from method in OneOf(ContextParallelMethod.AllGather, ContextParallelMethod.Ring)
        select new Layout
        {
            Tp = tp, Cp = cp, DpShard = dp, Pp = pp, VirtualStages = pp > 1 ? vp : 1, ZeroStage = zero, Recompute = recompute,
            HasSequenceParallel = hasSequenceParallel, CpMethod = method,
        };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
