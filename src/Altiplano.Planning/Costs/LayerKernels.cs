using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>The kernels of each kind of decoder layer after tp, cp and ep have split it.</summary>
internal sealed class LayerKernels(Workload workload, TimeCoefficients coefficients, KernelTiming kernels)
{
    public const double BytesPerActivation = 2;

    // Two norms (read, write) and two residual sums (two reads, a write).
    private const double RowPasses = 10;

    // Rotary embedding reads and writes queries, keys and values.
    private const double HeadPasses = 2;

    // Rows are sorted to experts, weighed, summed and padded, none of it fused: fitted to Grok-1, top-2.
    private const double PermutationPasses = 20;

    private readonly TransformerShape _model = workload.Model;
    private readonly double _pairs = AttentionPairs.PerSequence(workload.Model, workload.SeqLen);

    public LayerWork Of(in Layout layout, bool isMixture)
    {
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        var work = default(LayerWork);
        AddProjections(ref work, tokens, layout.Tp);
        if (isMixture)
            AddExperts(ref work, tokens, layout);
        else
            work.AddFeedForward(kernels, tokens, _model.HiddenSize, (double)_model.IntermediateSize / layout.Tp, _model.IsMlpGated);
        AddAttention(ref work, layout);
        AddElementwise(ref work, tokens, layout, isMixture);
        return work;
    }

    private void AddProjections(ref LayerWork work, double tokens, double tp)
    {
        double hidden = _model.HiddenSize;
        var heads = _model.NumAttentionHeads / tp;
        if (_model.LatentAttention is { } latent)
        {
            AddLatentProjections(ref work, tokens, heads, latent);
            return;
        }

        var keyValueHeads = Math.Max(1, _model.NumKeyValueHeads / tp);
        work.AddProduct(kernels, tokens, (heads + 2 * keyValueHeads) * _model.HeadDim, hidden);
        work.AddProduct(kernels, tokens, hidden, heads * _model.HeadDim);
    }

    private void AddLatentProjections(ref LayerWork work, double tokens, double heads, LatentAttentionShape latent)
    {
        double hidden = _model.HiddenSize;
        var queries = heads * (latent.NopeHeadDim + latent.RopeHeadDim);
        if (latent.QueryRank > 0)
            work.AddProduct(kernels, tokens, latent.QueryRank, hidden);
        work.AddProduct(kernels, tokens, queries, latent.QueryRank > 0 ? latent.QueryRank : hidden);
        work.AddProduct(kernels, tokens, latent.KeyValueRank + latent.RopeHeadDim, hidden);
        work.AddProduct(kernels, tokens, heads * (latent.NopeHeadDim + latent.ValueHeadDim), latent.KeyValueRank);
        work.AddProduct(kernels, tokens, hidden, heads * latent.ValueHeadDim);
    }

    /// <summary>Router, shared expert, and the routed experts of this rank as one grouped product.</summary>
    private void AddExperts(ref LayerWork work, double tokens, in Layout layout)
    {
        var mixture = _model.Mixture!;
        double hidden = _model.HiddenSize;
        work.AddProduct(kernels, tokens, mixture.NumExperts, hidden);
        if (mixture.SharedIntermediateSize > 0)
            work.AddFeedForward(kernels, tokens, hidden, (double)mixture.SharedIntermediateSize / layout.Tp, _model.IsMlpGated);
        var rowsOfExpert = tokens * mixture.TopK * layout.Ep / mixture.NumExperts * coefficients.ExpertImbalance;
        var experts = (double)mixture.NumExperts / layout.Ep;
        work.AddFeedForward(kernels, rowsOfExpert, hidden, (double)mixture.ExpertIntermediateSize / layout.Tp, _model.IsMlpGated, experts);
    }

    private void AddAttention(ref LayerWork work, in Layout layout)
    {
        var heads = (double)_model.NumAttentionHeads / layout.Tp;
        var (keyDim, valueDim) = _model.LatentAttention is { } latent
            ? (latent.NopeHeadDim + latent.RopeHeadDim, latent.ValueHeadDim)
            : (_model.HeadDim, _model.HeadDim);
        var operations = 2 * (keyDim + valueDim) * heads * layout.MicroBatchSize * _pairs / layout.Cp;
        var keys = 2 * _pairs / workload.SeqLen;
        var isSharded = ShardedStack.Runs(layout);
        work.AttentionForward = kernels.Attention(operations, keys, valueDim, isSharded);
        work.AttentionBackward = kernels.Attention(operations * KernelTiming.AttentionBackward, keys, valueDim, isSharded);
        work.AttentionFlops = operations;
    }

    private void AddElementwise(ref LayerWork work, double tokens, in Layout layout, bool isMixture)
    {
        double hidden = _model.HiddenSize;
        var rows = RowPasses * hidden / (layout.HasSequenceParallel ? layout.Tp : 1);
        var heads = HeadPasses * (_model.NumAttentionHeads + 2.0 * _model.NumKeyValueHeads) * _model.HeadDim;
        var columns = (heads + Activation(isMixture)) / layout.Tp;
        if (isMixture)
            columns += PermutationPasses * hidden * _model.Mixture!.TopK * coefficients.ExpertImbalance;
        work.ElementwiseBytes = tokens * BytesPerActivation * (rows + columns);
    }

    /// <summary>Elements that the activation function reads and writes for a token.</summary>
    private double Activation(bool isMixture)
    {
        var width = isMixture
            ? _model.Mixture!.TopK * (double)_model.Mixture.ExpertIntermediateSize + _model.Mixture.SharedIntermediateSize
            : _model.IntermediateSize;
        return (_model.IsMlpGated ? 3 : 2) * width;
    }
}
