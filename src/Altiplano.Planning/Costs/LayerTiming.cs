using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Time of one microbatch through each kind of layer, from the shapes of its kernels and the payloads of its collectives.</summary>
public sealed class LayerTiming
{
    private const double BytesPerActivation = 2;

    // Kernels that a forward pass of a layer launches; the backward pass launches twice as many.
    private const double KernelsPerLayer = 40;
    private const double KernelsPerMixture = 30;

    private readonly TransformerShape _model;
    private readonly int _seqLen;
    private readonly bool _isFp8;
    private readonly int _gpusPerServer;
    private readonly TimeCoefficients _coefficients;
    private readonly KernelTiming _kernels;
    private readonly CollectiveTiming _collectives;

    // Query-key pairs of one sequence and head, averaged over layers.
    private readonly double _pairs;

    public LayerTiming(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients, CollectiveTiming collectives)
    {
        _model = workload.Model;
        _seqLen = workload.SeqLen;
        _isFp8 = workload.Precision == Precision.Fp8;
        _gpusPerServer = cluster.Server.GpusPerServer;
        _coefficients = coefficients;
        _collectives = collectives;
        _kernels = new KernelTiming(cluster.Gpu, workload.Precision, coefficients);
        _pairs = AttentionPairs.PerSequence(workload.Model, workload.SeqLen);
    }

    /// <summary>Depends on tp, cp, ep, microbatch, sequence parallelism, cp method, recompute and whether ZeRO is 3; on nothing else.</summary>
    public MicroBatchTimes Of(in Layout layout)
    {
        var dense = Layer(layout, isMixture: false);
        var mixture = _model.Mixture is null ? dense : Layer(layout, isMixture: true);
        return new MicroBatchTimes(dense, mixture, Embedding(layout), Head(layout));
    }

    private LayerTime Layer(in Layout layout, bool isMixture)
    {
        var tokens = (double)layout.MicroBatchSize * _seqLen / layout.Cp;
        var work = default(LayerWork);
        AddAttentionProducts(ref work, tokens, layout.Tp);
        if (isMixture)
            AddMixtureProducts(ref work, tokens, layout);
        else
            AddFeedForward(ref work, tokens, (double)_model.IntermediateSize / layout.Tp, 1);
        AddAttention(ref work, layout);
        AddElementwise(ref work, tokens, layout, isMixture);
        return Assemble(work, tokens, layout, isMixture);
    }

    private void AddAttentionProducts(ref LayerWork work, double tokens, double tp)
    {
        double hidden = _model.HiddenSize;
        var heads = _model.NumAttentionHeads / tp;
        if (_model.LatentAttention is not { } latent)
        {
            var keyValueHeads = Math.Max(1, _model.NumKeyValueHeads / tp);
            AddProduct(ref work, tokens, (heads + 2 * keyValueHeads) * _model.HeadDim, hidden);
            AddProduct(ref work, tokens, hidden, heads * _model.HeadDim);
            return;
        }

        var queryDim = heads * (latent.NopeHeadDim + latent.RopeHeadDim);
        if (latent.QueryRank > 0)
            AddProduct(ref work, tokens, latent.QueryRank, hidden);
        AddProduct(ref work, tokens, queryDim, latent.QueryRank > 0 ? latent.QueryRank : hidden);
        AddProduct(ref work, tokens, latent.KeyValueRank + latent.RopeHeadDim, hidden);
        AddProduct(ref work, tokens, heads * (latent.NopeHeadDim + latent.ValueHeadDim), latent.KeyValueRank);
        AddProduct(ref work, tokens, hidden, heads * latent.ValueHeadDim);
    }

    private void AddMixtureProducts(ref LayerWork work, double tokens, in Layout layout)
    {
        var mixture = _model.Mixture!;
        AddProduct(ref work, tokens, mixture.NumExperts, _model.HiddenSize);
        if (mixture.SharedIntermediateSize > 0)
            AddFeedForward(ref work, tokens, (double)mixture.SharedIntermediateSize / layout.Tp, 1);
        var local = (double)mixture.NumExperts / layout.Ep;
        var perExpert = tokens * mixture.TopK * layout.Ep / mixture.NumExperts * _coefficients.ExpertImbalance;
        AddFeedForward(ref work, perExpert, (double)mixture.ExpertIntermediateSize / layout.Tp, local);
    }

    private void AddFeedForward(ref LayerWork work, double tokens, double width, double count)
    {
        AddProduct(ref work, tokens, _model.IsMlpGated ? 2 * width : width, _model.HiddenSize, count);
        AddProduct(ref work, tokens, _model.HiddenSize, width, count);
    }

    /// <summary>x[m, k] times w[k, n], and in the backward pass both gradients.</summary>
    private void AddProduct(ref LayerWork work, double m, double n, double k, double count = 1)
    {
        work.MatricesForward += _kernels.Product(m, n, k, count);
        work.MatricesBackward += _kernels.Product(m, k, n, count) + _kernels.Product(n, k, m, count);
        work.MatrixFlops += 2 * m * n * k * count;
        work.Traffic += 6 * (m * n + n * k + m * k) * count;
        if (_isFp8)
            work.CastBytes += (8 * m * k + 4 * m * n) * count;
    }

    private void AddAttention(ref LayerWork work, in Layout layout)
    {
        var heads = (double)_model.NumAttentionHeads / layout.Tp;
        var (keyDim, valueDim) = _model.LatentAttention is { } latent
            ? (latent.NopeHeadDim + latent.RopeHeadDim, latent.ValueHeadDim)
            : (_model.HeadDim, _model.HeadDim);
        var operations = 2 * (keyDim + valueDim) * heads * layout.MicroBatchSize * _pairs / layout.Cp;
        var keys = 2 * _pairs / _seqLen;
        work.AttentionForward = _kernels.Attention(operations, keys, valueDim, layout.ZeroStage >= 3);
        work.AttentionBackward = _kernels.Attention(operations * KernelTiming.AttentionBackward, keys, valueDim, layout.ZeroStage >= 3);
        work.AttentionFlops = operations;
    }

    private void AddElementwise(ref LayerWork work, double tokens, in Layout layout, bool isMixture)
    {
        // Two norms (read, write) and two residual sums (two reads, a write) on whole or sequence-split rows.
        double hidden = _model.HiddenSize;
        var rows = 10 * hidden / (layout.HasSequenceParallel ? layout.Tp : 1);
        var heads = (_model.NumAttentionHeads + 2.0 * _model.NumKeyValueHeads) * _model.HeadDim / layout.Tp;
        var columns = 2 * heads + ActivationColumns(isMixture) / layout.Tp;
        if (isMixture)
            columns += 20 * hidden * _model.Mixture!.TopK * _coefficients.ExpertImbalance;
        work.ElementwiseBytes = tokens * BytesPerActivation * (rows + columns);
    }

    private double ActivationColumns(bool isMixture)
    {
        var width = isMixture
            ? _model.Mixture!.TopK * (double)_model.Mixture.ExpertIntermediateSize + _model.Mixture.SharedIntermediateSize
            : _model.IntermediateSize;
        return (_model.IsMlpGated ? 3 : 2) * width;
    }

    private LayerTime Assemble(in LayerWork work, double tokens, in Layout layout, bool isMixture)
    {
        var elementwise = _kernels.Elementwise(work.ElementwiseBytes);
        var cast = _kernels.Elementwise(work.CastBytes * _coefficients.CastTraffic);
        var forwardOnce = work.MatricesForward + work.AttentionForward + elementwise + cast / 3;
        var recompute = layout.Recompute switch
        {
            Recompute.Full => forwardOnce,
            Recompute.Selective when layout.ZeroStage >= 3 => _coefficients.SelectiveShare * forwardOnce,
            Recompute.Selective => work.AttentionForward,
            _ => 0,
        };
        var redo = layout.Recompute == Recompute.Full ? 1.0 : 0;
        var communication = Communicate(work, tokens, layout, isMixture, redo);
        var kernels = (KernelsPerLayer + (isMixture ? KernelsPerMixture : 0)) * (3 + redo);
        var busy = forwardOnce + recompute + work.MatricesBackward + work.AttentionBackward + 2 * elementwise + cast * 2 / 3;
        var host = kernels * _coefficients.Launch.Value;
        var launch = Math.Max(0, host - busy - communication.Total);
        return communication with
        {
            Matrices = work.MatricesForward + work.MatricesBackward,
            Attention = work.AttentionForward + work.AttentionBackward,
            Elementwise = 3 * elementwise + cast,
            Recompute = recompute,
            Launch = launch,
            Forward = forwardOnce + (communication.Total + launch) / (3 + redo),
            Flops = work.MatrixFlops * (3 + redo) + work.AttentionFlops * (1 + KernelTiming.AttentionBackward + redo),
            MemoryTraffic = work.Traffic * (1 + redo / 3) + work.ElementwiseBytes * (3 + redo) + work.CastBytes,
        };
    }

    private LayerTime Communicate(in LayerWork work, double tokens, in Layout layout, bool isMixture, double redo)
    {
        var tensor = RankGroup.Of(layout.Tp, 1, _gpusPerServer);
        var context = RankGroup.Of(layout.Cp, layout.Tp, _gpusPerServer);
        var expert = RankGroup.Of(layout.Ep, layout.Tp, _gpusPerServer);
        var activations = tokens * _model.HiddenSize * BytesPerActivation;

        // Forward and backward sum twice each; with sequence parallelism as gathers and scatters, and the inputs are gathered again.
        var passes = 4 + 2 * redo;
        var copies = isMixture ? (1.0 + _model.Mixture!.TopK) / 2 : 1;
        var tensorTime = copies * (layout.HasSequenceParallel
            ? (2 * passes + 2) * _collectives.AllGather(activations, tensor)
            : passes * _collectives.AllReduce(activations, tensor));
        var contextTime = ContextTime(work, tokens, layout, context, redo);
        var routed = isMixture ? activations * _model.Mixture!.TopK / layout.Tp : 0;
        var expertTime = isMixture ? passes * _collectives.AllToAll(activations / layout.Tp, _model.Mixture!.TopK, expert) * _coefficients.ExpertImbalance : 0;
        var (nvlink, network) = CollectiveTiming.AllGatherBytes(activations * (2 * passes), tensor);
        var expertBytes = isMixture ? passes * routed * (layout.Ep - 1) / layout.Ep : 0;
        return new LayerTime
        {
            TensorParallel = tensorTime * (layout.ZeroStage >= 3 || tensor.Servers > 1 ? 1 : 1 - _coefficients.TensorParallelOverlap),
            ContextParallel = contextTime,
            ExpertParallel = expertTime * (1 - _coefficients.ExpertParallelOverlap),
            NvlinkBytes = nvlink + (expert.Servers == 1 ? expertBytes : 0),
            NetworkBytes = network + (expert.Servers == 1 ? 0 : expertBytes),
        };
    }

    /// <summary>Keys and values of the other ranks: gathered before attention, or passed round under it.</summary>
    private double ContextTime(in LayerWork work, double tokens, in Layout layout, in RankGroup group, double redo)
    {
        if (layout.Cp == 1)
            return 0;
        var width = _model.LatentAttention is { } latent
            ? latent.KeyValueRank + latent.RopeHeadDim
            : 2 * Math.Max(1, (double)_model.NumKeyValueHeads / layout.Tp) * _model.HeadDim;
        var payload = tokens * width * BytesPerActivation * layout.Cp;
        var passes = 3 + redo;
        if (layout.CpMethod == ContextParallelMethod.AllGather)
            return passes * _collectives.AllGather(payload, group);
        var ring = passes * _collectives.AllGather(payload, group);
        return Overlap.Exposed(ring, work.AttentionForward + work.AttentionBackward, _coefficients.Contention);
    }

    private LayerTime Embedding(in Layout layout)
    {
        var tokens = (double)layout.MicroBatchSize * _seqLen / layout.Cp;
        var bytes = 3 * tokens * _model.HiddenSize * BytesPerActivation * 2;
        var time = _kernels.Elementwise(bytes);
        return new LayerTime { Elementwise = time, Forward = time / 3, MemoryTraffic = bytes };
    }

    private LayerTime Head(in Layout layout)
    {
        var tokens = (double)layout.MicroBatchSize * _seqLen / layout.Cp;
        var columns = (double)_model.VocabSize / layout.Tp;
        var work = default(LayerWork);
        AddProduct(ref work, tokens, columns, _model.HiddenSize);

        // Logits in 32 bits: written, read for maximum and sum, read and written for the gradient.
        var bytes = tokens * (columns * 4 * 5 + 4.0 * _model.HiddenSize * BytesPerActivation);
        var loss = _kernels.Elementwise(bytes);
        return new LayerTime
        {
            Matrices = work.MatricesForward + work.MatricesBackward,
            Elementwise = loss,
            Forward = work.MatricesForward + loss / 2,
            Flops = 3 * work.MatrixFlops,
            MemoryTraffic = work.Traffic + bytes,
        };
    }

    private struct LayerWork
    {
        public double MatricesForward;
        public double MatricesBackward;
        public double AttentionForward;
        public double AttentionBackward;
        public double MatrixFlops;
        public double AttentionFlops;
        public double ElementwiseBytes;
        public double CastBytes;
        public double Traffic;
    }
}
