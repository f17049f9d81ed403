using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Gathers of parameters, reductions of gradients and the optimizer's pass over its state, on one pipeline rank.</summary>
internal sealed class DataParallelTiming(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients, CollectiveTiming collectives)
{
    private const double BytesPerParameter = 2;

    /// <summary>Adam on a shard: gradient, master weight and both moments are read, all but the gradient and a 16-bit copy written.</summary>
    private const double OptimizerBytes = 30;

    /// <summary>Parameters of one bucket of gradients, and a collective for each: this, or <see cref="BucketParametersPerRank"/> x ranks.</summary>
    private const double BucketParameters = 40e6;
    private const double BucketParametersPerRank = 1e6;

    private readonly ShapeParameters _parameters = new(workload.Model);
    private readonly int _gpusPerServer = cluster.Server.GpusPerServer;

    /// <summary>What a step of one pipeline rank adds to the compute of its microbatches.</summary>
    /// <param name="layers">Dense layers and layers with experts of the rank.</param>
    /// <param name="layer">Forward and backward of one microbatch, one layer on average.</param>
    public (double Communication, double Optimizer, double NvlinkBytes, double NetworkBytes) Of(
        in Layout layout, double denseLayers, double mixtureLayers, double microBatches, in LayerTime layer)
    {
        var dense = (denseLayers * _parameters.DenseLayer
            + mixtureLayers * (_parameters.MixtureLayer - Routed) + EdgeParameters(layout)) / layout.Tp;
        var routed = mixtureLayers * Routed / layout.Tp / layout.Ep;
        var shards = (double)layout.DpShard * layout.Cp;
        var optimized = layout.ZeroStage == 0 ? dense + routed : dense / shards + routed / Math.Max(1, shards / layout.Ep);
        var optimizer = OptimizerBytes * optimized / (cluster.Gpu.MemoryBandwidth.Value * coefficients.OptimizerEfficiency);
        var numLayers = denseLayers + mixtureLayers;
        var group = Groups(layout, 1);
        var expertGroup = Groups(layout, layout.Ep);
        var communication = layout.ZeroStage >= 3
            ? ShardedParameters(layout, dense / Math.Max(1, numLayers), routed / Math.Max(1, numLayers), numLayers, microBatches, layer, group, expertGroup)
            : WholeParameters(layout, dense, group, numLayers, microBatches, layer) + WholeParameters(layout, routed, expertGroup, 0, microBatches, layer);
        var (nvlink, network) = CollectiveTiming.AllGatherBytes(BytesPerParameter * (dense + routed) * Rounds(layout, microBatches), group.Shard);
        return (communication, optimizer, nvlink, network);
    }

    /// <summary>How often a step moves all of a rank's parameters or gradients.</summary>
    private static double Rounds(in Layout layout, double microBatches) => layout.ZeroStage switch
    {
        >= 3 => 3 * microBatches,
        2 => microBatches + 1,
        _ => 2,
    };

    /// <summary>Microbatches of a stage under whose passes its communication may hide.</summary>
    /// <remarks>
    /// Layer by layer under one; where chunks interleave, the last microbatch leaves each of them p chunks before the next
    /// (Narayanan et al. 2021 §2.2).
    /// </remarks>
    private static double Window(in Layout layout, double microBatches) =>
        Math.Min(microBatches, 1 + layout.Pp * (1 - 1.0 / layout.VirtualStages));

    private double Routed => (double)_parameters.NumExperts * _parameters.Expert;

    /// <summary>Of the first stage, which holds a vision tower too; embedding and head where there is only one stage.</summary>
    private double EdgeParameters(in Layout layout) =>
        (double)_parameters.Embedding + _parameters.Vision + (layout.Pp > 1 ? 0 : _parameters.Head);

    private (RankGroup Shard, RankGroup Replicas) Groups(in Layout layout, int ep)
    {
        var inner = (long)layout.Tp * ep;
        var shards = Math.Max(1, layout.DpShard * layout.Cp / ep);
        return (
            RankGroup.Of(shards, inner, _gpusPerServer),
            RankGroup.Of(layout.DpReplicate, (long)layout.Tp * layout.Cp * layout.DpShard, _gpusPerServer));
    }

    /// <summary>ZeRO-0 to 2: parameters once a step under the first forward pass, gradients under the last backward pass.</summary>
    /// <remarks>
    /// ZeRO-2 keeps no whole gradients between microbatches, so it scatters those of each under the backward pass of that one; replicas add
    /// their shards once.
    /// </remarks>
    private double WholeParameters(
        in Layout layout, double parameters, in (RankGroup Shard, RankGroup Replicas) group, double numLayers, double microBatches,
        in LayerTime layer)
    {
        if (parameters <= 0)
            return 0;
        var calls = Math.Ceiling(parameters / Math.Max(BucketParameters, BucketParametersPerRank * group.Shard.Size * group.Replicas.Size));
        var gradients = parameters / calls * coefficients.BytesPerGradient;
        var microBatch = coefficients.DataParallelOverlap * numLayers;
        var last = microBatch * Window(layout, microBatches);
        if (layout.ZeroStage == 0)
        {
            var reduce = calls * (collectives.AllReduce(gradients, group.Shard) + collectives.AllReduce(gradients, group.Replicas));
            return Overlap.Exposed(reduce, last * layer.Backward, coefficients.Contention);
        }

        var scatter = calls * collectives.AllGather(gradients, group.Shard);
        var replicas = calls * collectives.AllReduce(gradients / group.Shard.Size, group.Replicas);
        var gather = calls * collectives.AllGather(parameters / calls * BytesPerParameter, group.Shard);
        var reduced = layout.ZeroStage == 2
            ? (microBatches - 1) * Overlap.Exposed(scatter, microBatch * layer.Backward, coefficients.Contention)
                + Overlap.Exposed(scatter + replicas, microBatch * layer.Backward, coefficients.Contention)
            : Overlap.Exposed(scatter + replicas, last * layer.Backward, coefficients.Contention);
        return reduced + Overlap.Exposed(gather, last * layer.Forward, coefficients.Contention);
    }

    /// <summary>ZeRO-3: each layer's parameters are gathered before both passes, its gradients scattered after the second.</summary>
    private double ShardedParameters(
        in Layout layout, double dense, double routed, double numLayers, double microBatches, in LayerTime layer,
        in (RankGroup Shard, RankGroup Replicas) group, in (RankGroup Shard, RankGroup Replicas) expertGroup)
    {
        var calls = coefficients.GatherCalls;
        var gather = calls * (collectives.AllGather(dense * BytesPerParameter / calls, group.Shard)
            + (routed > 0 ? collectives.AllGather(routed * BytesPerParameter / calls, expertGroup.Shard) : 0));
        var window = coefficients.GatherOverlap;
        var ahead = Math.Min(1, coefficients.PrefetchParameters / (dense + routed));
        var scatter = gather;
        var forward = Overlap.Exposed(gather, Math.Min(ahead * gather, window * layer.Forward), coefficients.Contention);
        var backward = Overlap.Exposed(gather + scatter, Math.Min(ahead * (gather + scatter), window * layer.Backward), coefficients.Contention);
        var replicas = layout.DpReplicate == 1
            ? 0
            : numLayers * collectives.AllReduce((dense + routed) * BytesPerParameter / group.Shard.Size, group.Replicas);
        return microBatches * numLayers * (forward + backward)
            + Overlap.Exposed(replicas, window * numLayers * layer.Backward, coefficients.Contention) + gather;
    }
}
