using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Everything about one layout that its stages share; then a stage is a few sums.</summary>
internal readonly struct StageMemory
{
    private readonly TransformerShape _model;
    private readonly ShapeParameters _whole;
    private readonly MemoryCoefficients _stack;
    private readonly Layout _layout;
    private readonly long _microBatches;
    private readonly RankParameters _parameters;
    private readonly StateBytes _states;
    private readonly LayerMemory _layers;
    private readonly SavedTensors _tensors;
    private readonly double _tokens;
    private readonly double _width;
    private readonly bool _isFp8;

    public StageMemory(Workload workload, TransformerShape model, ShapeParameters whole, MemoryCoefficients stack, in Layout layout)
    {
        (_model, _whole, _stack, _layout) = (model, whole, stack, layout);
        _microBatches = layout.MicroBatches(workload.GlobalBatchSequences);
        _parameters = RankParameters.Of(model, whole, layout);
        _states = StateBytes.Of(workload.Precision, stack, layout);
        _tensors = new SavedTensors(workload, stack, layout);
        _layers = _tensors.Of(layout.Recompute);
        _tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        _width = ElementWidth.Of(workload.Precision);
        _isFp8 = workload.Precision == Precision.Fp8;
    }

    private int Chunks => _layout.Pp * _layout.VirtualStages;

    /// <summary>Where the chunks with one layer more than others lie, when the layers divide neither evenly nor with both ends.</summary>
    private int NumLargerChunks => (_model.NumLayers + 2) % Chunks == 0 ? 0 : _model.NumLayers % Chunks;

    /// <summary>The first stage with the most layers, among those with neither embedding nor head where there are such.</summary>
    public int FirstWithMostLayers =>
        NumLargerChunks == 0 ? Math.Min(1, _layout.Pp - 1) : (Chunks - NumLargerChunks) / 2 % _layout.Pp;

    public MemoryUse Of(int stage)
    {
        var (layers, mixtures) = LayersOf(stage);
        return Of(stage, layers, mixtures, Work(layers, layers > mixtures, mixtures > 0), stage == 0, stage == _layout.Pp - 1);
    }

    /// <summary>No stage from this one on, the last apart, needs more; or none up to the first with most layers.</summary>
    public double BoundFrom(int stage)
    {
        var layers = stage < FirstWithMostLayers && !IsMostLayersWrapped ? MostLayers - 1 : MostLayers;
        var mixtures = _model.Mixture is { } mixture ? Math.Min(layers, layers / mixture.Interleave + _layout.VirtualStages) : 0;
        var work = Work(layers, _whole.NumDenseLayers > 0, mixtures > 0);
        return Math.Max(Of(stage, layers, 0, work, false, false).Total, Of(stage, layers, mixtures, work, false, false).Total);
    }

    private int MostLayers =>
        _model.NumLayers / Chunks * _layout.VirtualStages
        + Math.Min(_layout.VirtualStages, (_model.NumLayers % Chunks + _layout.Pp - 1) / _layout.Pp);

    /// <summary>True where stages before the first with most layers, counted from the larger chunks' beginning, may have as many.</summary>
    private bool IsMostLayersWrapped
    {
        get
        {
            var rest = NumLargerChunks % _layout.Pp;
            return rest == 0 || FirstWithMostLayers + rest > _layout.Pp;
        }
    }

    private (int Layers, int Mixtures) LayersOf(int stage)
    {
        var (layers, mixtures) = (0, 0);
        for (var chunk = stage; chunk < Chunks; chunk += _layout.Pp)
        {
            var count = StageSplit.Layers(_model.NumLayers, Chunks, chunk);
            layers += count;
            if (_model.Mixture is not null)
                mixtures += _whole.MixtureLayers(StageSplit.FirstLayer(_model.NumLayers, Chunks, chunk), count);
        }

        return (layers, mixtures);
    }

    private MemoryUse Of(int stage, int layers, int mixtures, in WorkBytes work, bool isFirst, bool isLast)
    {
        var dense = (layers - mixtures) * _parameters.DenseLayer + mixtures * _parameters.MixtureLayer + Edges(isFirst, isLast);
        var routed = mixtures * _parameters.Routed;
        var inFlight = ActivationsInFlight.Of(_layout, _microBatches, stage);
        var activations = inFlight * ((layers - mixtures) * _layers.KeptDense + mixtures * _layers.KeptMixture + (isFirst ? VisionActivations : 0));
        var logits = isLast ? Logits : 0;
        var temporaries = Math.Max(0, work.Tensors - logits) + work.Gathered + (_layout.Pp > 1 ? 2 * _tensors.Stream : 0)
            + (_layout.ZeroStage == 3 ? _width * Edges(isFirst, isLast) : 0);
        return new MemoryUse
        {
            Parameters = _states.Parameter * dense + _states.RoutedParameter * routed + (_isFp8 ? _stack.Fp8CopyBytes * (dense + routed) : 0),
            Gradients = _states.Gradient * dense + _states.RoutedGradient * routed,
            OptimizerState = _states.Optimizer * dense + _states.RoutedOptimizer * routed,
            Activations = activations,
            Temporaries = temporaries,
            Logits = logits,
            Framework = _stack.Framework.Value,
            Fragmentation = _stack.Fragmentation * (activations + temporaries + logits),
        };
    }

    /// <summary>The loss's peak: logits with what it makes of them, the head's whole input and that input's gradient.</summary>
    private double Logits =>
        _tokens * _parameters.Embedding / _model.HiddenSize * Math.Max(_stack.LogitBytes, 2 * _width) + 2 * _tensors.WholeStream;

    /// <summary>Parameters outside the layers; a tied embedding on two stages is held by both.</summary>
    private double Edges(bool isFirst, bool isLast)
    {
        var copies = (isFirst ? 1 : 0) + (isLast && (!_model.TieWordEmbeddings || _layout.Pp > 1) ? 1 : 0);
        return copies * _parameters.Embedding + (isFirst ? _parameters.First : 0) + (isLast ? _parameters.Norm : 0);
    }

    /// <summary>The largest layer's temporaries, and what a sharded rank has whole for a while.</summary>
    /// <remarks>
    /// ZeRO 3: the parameters of two layers, one of them prefetched, where the stage has two. ZeRO 2 and 3: one layer's gradient, in the compute format and as
    /// fp32 on its way to reduction.
    /// </remarks>
    private WorkBytes Work(int layers, bool hasDense, bool hasMixtures)
    {
        var tensors = Math.Max(hasDense ? _layers.WorkDense : 0, hasMixtures ? _layers.WorkMixture : 0);
        var layer = Math.Max(hasDense ? _parameters.DenseLayer : 0, hasMixtures ? _parameters.MixtureLayer + _parameters.Routed : 0);
        var gathered = (_layout.ZeroStage >= 2 ? _width + Math.Max(4, _width) : 0) + (_layout.ZeroStage == 3 ? Math.Min(2, layers) * _width : 0);
        return new WorkBytes(tensors, gathered * layer);
    }

    /// <summary>A microbatch's images in the encoder: eight streams and four feed-forward widths a layer, or its input alone.</summary>
    private double VisionActivations
    {
        get
        {
            if (_model.Vision is not { } vision)
                return 0;
            var patches = _tokens * vision.ImageTokenShare * vision.TokensPerImage / vision.DecoderTokensPerImage;
            var kept = _layout.Recompute == Recompute.Full ? vision.HiddenSize : 8.0 * vision.HiddenSize + 2.0 * vision.IntermediateSize;
            return _width * patches * vision.NumLayers * kept / RankParameters.VisionSplit(_model, _layout);
        }
    }

    private readonly record struct WorkBytes(double Tensors, double Gathered);
}
