using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Collectives of one microbatch in one layer: what compute does not hide, and the bytes that move.</summary>
internal sealed class LayerTraffic(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients, CollectiveTiming collectives)
{
    private readonly TransformerShape _model = workload.Model;
    private readonly int _gpusPerServer = cluster.Server.GpusPerServer;

    /// <param name="redo">1 where the forward pass is run again in the backward pass, else 0.</param>
    /// <returns>The communication of both passes; the other parts are 0.</returns>
    public LayerTime Of(in LayerWork work, in Layout layout, bool isMixture, double redo)
    {
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        var activations = tokens * _model.HiddenSize * LayerKernels.BytesPerActivation;
        var passes = 4 + 2 * redo;
        var tensor = RankGroup.Of(layout.Tp, 1, _gpusPerServer);
        var (nvlink, network) = CollectiveTiming.AllGatherBytes(activations * 2 * passes, tensor);
        var time = new LayerTime
        {
            TensorParallel = Tensor(activations, passes, layout, tensor, isMixture),
            ContextParallel = Context(work, tokens, layout, redo),
            NvlinkBytes = nvlink,
            NetworkBytes = network,
        };
        return isMixture ? WithExperts(time, activations / layout.Tp, passes, layout) : time;
    }

    /// <summary>Each pass sums twice, after attention and after the feed-forward part.</summary>
    /// <remarks>
    /// Sequence parallelism gathers and scatters instead, and gathers the inputs again for their gradients (Korthikanti et al. 2022
    /// §4.2.2). Routed rows are gathered for each expert that they visit. Kernels hide communication only inside a server, and not
    /// where ZeRO-3's gathers are already on the links.
    /// </remarks>
    private double Tensor(double activations, double passes, in Layout layout, in RankGroup group, bool isMixture)
    {
        if (layout.Tp == 1)
            return 0;
        var copies = isMixture ? (1.0 + _model.Mixture!.TopK) / 2 : 1;
        var time = copies * (layout.HasSequenceParallel
            ? (2 * passes + 2) * collectives.AllGather(activations, group)
            : passes * collectives.AllReduce(activations, group));
        var isHidden = layout.ZeroStage < 3 && group.Servers == 1;
        return isHidden ? time * (1 - coefficients.TensorParallelOverlap) : time;
    }

    /// <summary>Keys and values of the other ranks: gathered before attention, or passed round under it; their gradients under the backward pass.</summary>
    private double Context(in LayerWork work, double tokens, in Layout layout, double redo)
    {
        if (layout.Cp == 1)
            return 0;
        var width = _model.LatentAttention is { } latent
            ? latent.KeyValueRank + latent.RopeHeadDim
            : 2 * Math.Max(1, (double)_model.NumKeyValueHeads / layout.Tp) * _model.HeadDim;
        var group = RankGroup.Of(layout.Cp, layout.Tp, _gpusPerServer);
        var pass = collectives.AllGather(tokens * layout.Cp * width * LayerKernels.BytesPerActivation, group);
        return layout.CpMethod == ContextParallelMethod.AllGather
            ? (1 + redo) * pass + Overlap.Exposed(2 * pass, work.AttentionBackward, coefficients.Contention)
            : Overlap.Exposed((3 + redo) * pass, work.AttentionForward + work.AttentionBackward, coefficients.Contention);
    }

    /// <summary>Rows go to their experts and come back, in both passes.</summary>
    private LayerTime WithExperts(in LayerTime time, double rows, double passes, in Layout layout)
    {
        var mixture = _model.Mixture!;
        var group = RankGroup.Of(layout.Ep, layout.Tp, _gpusPerServer);
        var exchange = passes * collectives.AllToAll(rows, mixture.TopK, group) * coefficients.ExpertImbalance;
        var bytes = passes * rows * mixture.TopK * (layout.Ep - 1) / layout.Ep;
        return time with
        {
            ExpertParallel = exchange * (1 - coefficients.ExpertParallelOverlap),
            NvlinkBytes = time.NvlinkBytes + (group.Servers == 1 ? bytes : 0),
            NetworkBytes = time.NetworkBytes + (group.Servers == 1 ? 0 : bytes),
        };
    }
}
