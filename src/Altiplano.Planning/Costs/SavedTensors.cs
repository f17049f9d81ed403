using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>What each operator of a layer keeps between its forward and its backward pass, tensor by tensor.</summary>
/// <remarks>
/// For a GPT it adds up to Korthikanti et al. 2022 (arXiv:2205.05198) §4: s b h (34 + 5 a s / h), and to their equations for tp,
/// sequence parallelism, selective and full recompute. Below, elements for each token unless said otherwise.
/// </remarks>
internal readonly struct SavedTensors
{
    private const double Fp32 = 4;
    private const double MaskBytes = 1;

    private readonly TransformerShape _model;
    private readonly MemoryCoefficients _stack;
    private readonly double _tp;
    private readonly double _width;
    private readonly bool _isFsdp;
    private readonly double _keysPerToken;

    /// <summary>Context-parallel ranks whose keys and values lie here at once: all of them gathered, or one's and the next one's.</summary>
    private readonly int _gatheredKeyRanks;

    /// <summary>Tokens of a microbatch on a rank; sequence parallelism leaves 1 / tp of the residual stream to each.</summary>
    private readonly double _tokens;
    private readonly double _streamTokens;

    public SavedTensors(Workload workload, MemoryCoefficients stack, in Layout layout)
    {
        _model = workload.Model;
        _stack = stack;
        _tp = layout.Tp;
        _width = ElementWidth.Of(workload.Precision);
        _isFsdp = layout.ZeroStage == 3;
        _keysPerToken = Math.Min(workload.SeqLen, _model.Window?.Tokens ?? workload.SeqLen);
        _gatheredKeyRanks = layout.Cp == 1 ? 0 : layout.CpMethod == ContextParallelMethod.AllGather ? layout.Cp : 2;
        _tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        _streamTokens = layout.HasSequenceParallel ? _tokens / _tp : _tokens;
    }

    /// <summary>Residual stream at one point.</summary>
    public double Stream => _width * _model.HiddenSize * _streamTokens;

    /// <summary>The same before a sequence is split, as products see it.</summary>
    public double WholeStream => _width * _model.HiddenSize * _tokens;

    /// <summary>The trained-with-dropout GPTs of Megatron; FSDP came after them.</summary>
    private bool HasDropout => _model.HasBiases && !_isFsdp;

    private bool KeepsScores => HasDropout && !_stack.HasFlashAttention;

    public LayerMemory Of(Recompute recompute)
    {
        var (all, allMixture) = (Common + Scores + Dense(true), _model.Mixture is null ? 0 : Common + Scores + Mixture(true));
        var (kept, keptMixture) = recompute switch
        {
            Recompute.Full => (Stream, Stream),
            Recompute.Selective when KeepsScores => (all - Scores, allMixture - Scores),
            Recompute.Selective when _isFsdp => (EverySecondProduct + DenseGate, EverySecondProduct + MixtureGate),
            Recompute.Selective => (Common - 2 * Stream + Scores + Dense(false), Common - 2 * Stream + Scores + Mixture(false)),
            _ => (all, allMixture),
        };
        if (_model.Mixture is null)
            return new LayerMemory(kept, 0, all - kept + DenseGradients + GatheredKeys, 0);
        return new LayerMemory(
            kept, keptMixture, all - kept + DenseGradients + GatheredKeys, allMixture - keptMixture + MixtureGradients + GatheredKeys);
    }

    /// <summary>Both norms' inputs and outputs, attention without its scores, dropout masks.</summary>
    private double Common => 4 * Stream + Attention + (HasDropout ? 2 * MaskBytes * _model.HiddenSize * _streamTokens : 0);

    /// <summary>Queries, keys, values, output, and either the logarithms of the softmax's sums or nothing: see <see cref="Scores"/>.</summary>
    private double Attention
    {
        get
        {
            var sums = KeepsScores ? 0 : Fp32 * _model.NumAttentionHeads / _tp * _tokens;
            var copies = _stack.HasFusedKernels ? 0 : Queries + Keys;
            return sums + _width * ((Queries + Keys + Values + Output + copies) * _tokens + Latents * _streamTokens);
        }
    }

    /// <summary>Softmax, its dropout mask and the dropped result, where attention is three operators instead of one.</summary>
    private double Scores =>
        KeepsScores ? (2 * _width + MaskBytes) * _model.NumAttentionHeads / _tp * _keysPerToken * _tokens : 0;

    private double Queries => _model.NumAttentionHeads / _tp * QueryHeadDim;

    private int QueryHeadDim => _model.LatentAttention is { } latent ? latent.NopeHeadDim + latent.RopeHeadDim : _model.HeadDim;

    private double Keys => _model.LatentAttention is null ? HeldKeyValueHeads * _model.HeadDim : Queries;

    private double Values =>
        _model.LatentAttention is { } latent ? _model.NumAttentionHeads / _tp * latent.ValueHeadDim : HeldKeyValueHeads * _model.HeadDim;

    private double Output => _model.NumAttentionHeads / _tp * (_model.LatentAttention?.ValueHeadDim ?? _model.HeadDim);

    /// <summary>Compressed queries, keys and values before and after their norms, and the rotary key.</summary>
    private double Latents => _model.LatentAttention is { } latent ? 2 * (latent.QueryRank + latent.KeyValueRank) + latent.RopeHeadDim : 0;

    private double HeldKeyValueHeads => Math.Max(_model.NumKeyValueHeads / _tp, 1);

    /// <summary>torchtitan's per-operator recompute: the layer's input, attention's output, and every second product's.</summary>
    private double EverySecondProduct =>
        Stream + _width * (Queries + Values + Output) * _tokens + Fp32 * _model.NumAttentionHeads / _tp * _tokens
        + (_model.IsMlpGated ? Stream : 0);

    private double DenseGate => _width * _tokens * _model.IntermediateSize / _tp;

    private double MixtureGate => _model.Mixture is not { } mixture ? 0
        : _width * _tokens / _tp * (mixture.TopK * _stack.ExpertImbalance * mixture.ExpertIntermediateSize + mixture.SharedIntermediateSize);

    private double Dense(bool isActivationKept) => _width * _tokens * Inner(_model.IntermediateSize, isActivationKept);

    /// <summary>Router in fp32; routed tokens as experts receive them, inside the experts, and as they come back; the shared expert.</summary>
    private double Mixture(bool isActivationKept)
    {
        if (_model.Mixture is not { } mixture)
            return 0;
        var routed = mixture.TopK * _stack.ExpertImbalance * _tokens;
        return 2 * Fp32 * mixture.NumExperts * _streamTokens
            + _width * routed * (_model.HiddenSize + Inner(mixture.ExpertIntermediateSize, isActivationKept))
            + mixture.TopK * Stream
            + _width * _tokens * Inner(mixture.SharedIntermediateSize, isActivationKept);
    }

    /// <summary>Inside a feed-forward part: gate, up (or one projection) and what their activation makes of them.</summary>
    private double Inner(int width, bool isActivationKept)
    {
        var projections = _model.IsMlpGated ? 2 : 1;
        var activations = !isActivationKept ? 0 : _model.IsMlpGated && !_stack.HasFusedKernels ? 2 : 1;
        return (projections + activations) * (width / _tp);
    }

    private double GatheredKeys => _width * (Keys + Values) * _tokens * _gatheredKeyRanks;

    /// <summary>Gradients inside the feed-forward part, of its input and of its output.</summary>
    private double DenseGradients => _width * _tokens * Inner(_model.IntermediateSize, true) + 2 * WholeStream;

    private double MixtureGradients => _model.Mixture is not { } mixture ? 0
        : _width * mixture.TopK * _stack.ExpertImbalance * _tokens * (_model.HiddenSize + Inner(mixture.ExpertIntermediateSize, true))
            + 2 * WholeStream;
}
