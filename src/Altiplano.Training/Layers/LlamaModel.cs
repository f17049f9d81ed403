using System.Collections.Immutable;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>How a model runs, beside its weights.</summary>
/// <param name="NumPositions">Positions that the rotary table has from the start; a longer sequence makes it grow.</param>
/// <param name="HeadChunkRows">Rows whose logits exist at a time.</param>
public sealed record ModelOptions(
    int NumPositions, Recompute Recompute = Recompute.None, int HeadChunkRows = ModelOptions.DefaultHeadChunkRows)
{
    public const int DefaultHeadChunkRows = 1024;

    /// <summary>How a run's model runs.</summary>
    public static ModelOptions For(RunSpec run) => new(
        run.Batch.SeqLen, run.Parallel.Recompute.Or(Recompute.None), run.Parallel.HeadChunkRows.Or(DefaultHeadChunkRows));
}

/// <summary>A dense Llama: embedding, decoder layers, final norm, head.</summary>
public sealed class LlamaModel : IDisposable
{
    private readonly RotaryTable _rotary;
    private readonly Embedding _embedTokens;
    private readonly RmsNorm _norm;
    private readonly LossHead _lmHead;
    private readonly ParameterBlock _embeddingBlock;
    private readonly ImmutableArray<ParameterBlock> _layerBlocks;
    private readonly ParameterBlock _headBlock;

    /// <summary>What the head reads: its own weights, and the embedding's where they are tied.</summary>
    private readonly ParameterBlock _headUse;

    /// <param name="parameters">The weights; they stay the caller's.</param>
    public LlamaModel(ParameterStore parameters, ModelOptions options)
    {
        Parameters = parameters;
        var model = parameters.Architecture;
        _rotary = new RotaryTable(parameters.Engine, model, parameters.ParameterType, options.NumPositions);
        var table = parameters.View(ParameterTable.EmbeddingName);
        _embedTokens = new Embedding(table, parameters.Tp);
        Layers = [.. Enumerable.Range(0, model.NumLayers).Select(i => new DecoderLayer(parameters, _rotary, i, options.Recompute))];
        _norm = new RmsNorm(parameters.View(ParameterTable.FinalNormName), model.RmsNormEps);
        _lmHead = new LossHead(model.TieWordEmbeddings ? table : parameters.View(ParameterTable.HeadName), options.HeadChunkRows, parameters.Tp);
        _embeddingBlock = parameters.Block(ParameterTable.EmbeddingName);
        _layerBlocks = [.. Enumerable.Range(0, model.NumLayers)
            .Select(i => parameters.Block(ParameterTable.LayerName(i, "input_layernorm")))];
        _headBlock = parameters.Block(ParameterTable.FinalNormName);
        _headUse = model.TieWordEmbeddings ? parameters.Block(ParameterTable.FinalNormName, ParameterTable.EmbeddingName) : _headBlock;
    }

    public ParameterStore Parameters { get; }
    public IReadOnlyList<DecoderLayer> Layers { get; }

    private Engine Engine => Parameters.Engine;

    /// <summary>One microbatch forward and backward: adds to every gradient.</summary>
    /// <param name="scale">1 / valid tokens of the whole step, over all microbatches of all ranks.</param>
    /// <returns>Loss of each row in nats, 0 for ignored ones, [R] of f64; the caller disposes it.</returns>
    /// <remarks>
    /// Collectives beside the layers' own: where weights are sharded, one all-gather a group before each use; where gradients are, one
    /// reduce-scatter a group after its last use.
    /// </remarks>
    public Tensor ForwardBackward(PackedBatch batch, double scale)
    {
        _rotary.Require(batch.MaxLength);
        var walk = new BlockWalk([_embeddingBlock, .. _layerBlocks, _headUse, .. _layerBlocks.Reverse()]);
        var saved = new Stack<SavedLayer>();
        var x_RD = Embed(walk, batch);
        foreach (var layer in Layers)
        {
            using var use = walk.Next();
            (x_RD, var kept) = layer.Forward(x_RD, batch);
            saved.Push(kept);
        }

        var losses_R = Engine.Empty(ScalarType.Float64, batch.NumRows);
        var dx_RD = HeadForwardBackward(walk, losses_R, x_RD, batch, scale);
        for (var i = Layers.Count - 1; i >= 0; i--)
            dx_RD = LayerBackward(walk, i, saved.Pop(), dx_RD, batch);

        _embeddingBlock.OpenGradients();
        _embedTokens.BackwardWeight(batch.Tokens_R, dx_RD);
        dx_RD.Dispose();
        Parameters.StartReduce(_embeddingBlock.Groups);
        return losses_R;
    }

    /// <summary>Loss of each row in nats, without gradients, [R] of f64; the caller disposes it.</summary>
    public Tensor Losses(PackedBatch batch)
    {
        var losses_R = Engine.Empty(ScalarType.Float64, batch.NumRows);
        return FromNormed(batch, normed_RD =>
        {
            _lmHead.Forward(losses_R, normed_RD, batch.Targets_R);
            return losses_R;
        });
    }

    /// <summary>Logits of every row in the accumulator type, [R, V]; the caller disposes it.</summary>
    public Tensor Logits(PackedBatch batch) => FromNormed(batch, _lmHead.Logits);

    /// <summary>Logits of the last of the given tokens, which come after those that the cache holds.</summary>
    /// <returns>[1, V]; the caller disposes it.</returns>
    public Tensor Extend(Tensor tokens_R, Tensor positions_R, IReadOnlyList<LayerCache> caches)
    {
        _rotary.Require(caches[0].Count + tokens_R.Size(0));
        var x_RD = _embedTokens.Forward(tokens_R);
        for (var i = 0; i < Layers.Count; i++)
            x_RD = Layers[i].Extend(x_RD, positions_R, caches[i]);
        using var last_1D = x_RD.Rows(x_RD.Size(0) - 1, 1);
        using var normed_1D = _norm.ForwardOnly(last_1D);
        x_RD.Dispose();
        return _lmHead.Logits(normed_1D);
    }

    public void Dispose() => _rotary.Dispose();

    private Tensor Embed(BlockWalk walk, PackedBatch batch)
    {
        using var use = walk.Next();
        return _embedTokens.Forward(batch.Tokens_R);
    }

    private Tensor LayerBackward(BlockWalk walk, int layer, SavedLayer saved, Tensor dy_RD, PackedBatch batch)
    {
        using var use = walk.Next();
        _layerBlocks[layer].OpenGradients();
        var (dx_RD, work) = Layers[layer].BackwardInput(saved, dy_RD, batch);
        Layers[layer].BackwardWeight(work);
        Parameters.StartReduce(_layerBlocks[layer].Groups);
        return dx_RD;
    }

    /// <summary>Final norm and head, both ways; disposes x.</summary>
    private Tensor HeadForwardBackward(BlockWalk walk, Tensor losses_R, Tensor x_RD, PackedBatch batch, double scale)
    {
        using var use = walk.Next();
        _headUse.OpenGradients();
        var (normed_RD, inverseRms_R) = _norm.Forward(x_RD);
        var dNormed_RD = _lmHead.ForwardBackward(losses_R, normed_RD, batch.Targets_R, scale);
        normed_RD.Dispose();
        var dx_RD = _norm.BackwardInput(dNormed_RD, x_RD, inverseRms_R, residual_RD: null);
        _norm.BackwardWeight(dNormed_RD, x_RD, inverseRms_R);
        dNormed_RD.Dispose();
        inverseRms_R.Dispose();
        x_RD.Dispose();
        Parameters.StartReduce(_headBlock.Groups);
        return dx_RD;
    }

    /// <summary>Runs the head on what the final norm gives.</summary>
    private T FromNormed<T>(PackedBatch batch, Func<Tensor, T> head)
    {
        _rotary.Require(batch.MaxLength);
        var walk = new BlockWalk([_embeddingBlock, .. _layerBlocks, _headUse]);
        var x_RD = Embed(walk, batch);
        foreach (var layer in Layers)
        {
            using var use = walk.Next();
            x_RD = layer.ForwardOnly(x_RD, batch);
        }

        using var useOfHead = walk.Next();
        using var normed_RD = _norm.ForwardOnly(x_RD);
        x_RD.Dispose();
        return head(normed_RD);
    }
}
