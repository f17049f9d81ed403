using System.Collections.Immutable;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Decoder layers that run one after the other on one rank, with the embedding before the first and the head behind the last.</summary>
/// <remarks>
/// Collectives beside the layers' own: where weights are sharded, an all-gather a group before each use; where gradients are, a
/// reduce-scatter a group when a microbatch's are there; behind a step's last microbatch the sums of each group over all other axes.
/// </remarks>
public sealed class ModelChunk
{
    private readonly ParameterStore _parameters;
    private readonly RotaryTable _rotary;
    private readonly Embedding? _embedTokens;
    private readonly ImmutableArray<ParameterBlock> _embeddingBlocks;
    private readonly ImmutableArray<ParameterBlock> _layerBlocks;

    internal ModelChunk(ParameterStore parameters, RotaryTable rotary, PipelineChunk chunk, ModelOptions options)
    {
        (_parameters, _rotary) = (parameters, rotary);
        var layers = Enumerable.Range(chunk.FirstLayer, chunk.NumLayers).ToList();
        Layers = [.. layers.Select(i => new DecoderLayer(parameters, rotary, i, options.Recompute, options.Routing))];
        _layerBlocks = [.. layers.Select(i => parameters.Block(ParameterTable.LayerName(i, "input_layernorm")))];
        var table = chunk.IsFirst ? parameters.View(ParameterTable.EmbeddingName) : null;
        _embedTokens = table is null ? null : new Embedding(table, parameters.Tp);
        _embeddingBlocks = table is null ? [] : [parameters.Block(ParameterTable.EmbeddingName)];
        Head = chunk.IsLast ? new ModelHead(parameters, table, options.HeadChunkRows) : null;
    }

    public ImmutableArray<DecoderLayer> Layers { get; }

    /// <summary>Null but on the last chunk.</summary>
    public ModelHead? Head { get; }

    /// <param name="x_RD">[R_tp, D], owned by the chunk from here on; null for the first chunk, which embeds the tokens.</param>
    /// <returns>y [R_tp, D], which the caller disposes, and what the backward pass needs; no y on the last chunk.</returns>
    public (Tensor? Y_RD, SavedChunk Saved) Forward(Tensor? x_RD, PackedBatch batch)
    {
        _rotary.Require(batch.MaxLength);
        var walk = new BlockWalk([.. _embeddingBlocks, .. _layerBlocks]);
        var saved = new Stack<SavedLayer>();
        var y_RD = x_RD ?? Embed(walk, batch.Tokens_R);
        foreach (var layer in Layers)
        {
            using var use = walk.Next();
            (y_RD, var kept) = layer.Forward(y_RD, batch);
            saved.Push(kept);
        }

        return Head is null ? (y_RD, new SavedChunk(batch, saved, null)) : (null, new SavedChunk(batch, saved, y_RD));
    }

    /// <summary>Both halves of the backward pass, layer by layer: adds to every gradient.</summary>
    /// <param name="dy_RD">[R_tp, D], owned by the chunk from here on; null for the last chunk.</param>
    /// <param name="scale">1 / valid tokens of the whole step, over all microbatches of all ranks.</param>
    /// <param name="isLast">True for the step's last microbatch, after which the gradients' sums over the ranks begin.</param>
    public ChunkGradients Backward(SavedChunk saved, Tensor? dy_RD, double scale, bool isLast)
    {
        var (dx_RD, losses_R) = BackwardLayers(saved, dy_RD, scale, isLast, (layer, work) => RunWeightHalf(layer, work, isLast));
        if (_embedTokens is null)
            return new ChunkGradients(dx_RD, losses_R);
        EmbedBackward(saved.Batch, dx_RD, isLast);
        return new ChunkGradients(null, losses_R);
    }

    /// <summary>The half that the chunk before waits for; the head's weights come with it.</summary>
    /// <param name="dy_RD">[R_tp, D], owned by the returned work from here on; null for the last chunk.</param>
    public (ChunkGradients Gradients, ChunkWeightWork Work) BackwardInput(SavedChunk saved, Tensor? dy_RD, double scale, bool isLast)
    {
        var works = new Queue<LayerWeightWork>();
        var (dx_RD, losses_R) = BackwardLayers(saved, dy_RD, scale, isLast, (_, work) => works.Enqueue(work));
        return _embedTokens is null
            ? (new ChunkGradients(dx_RD, losses_R), new ChunkWeightWork(saved.Batch, works, null))
            : (new ChunkGradients(null, losses_R), new ChunkWeightWork(saved.Batch, works, dx_RD));
    }

    /// <summary>Adds to the gradients of all but the head's weights, and disposes the work.</summary>
    public void BackwardWeight(ChunkWeightWork work, bool isLast)
    {
        var walk = new BlockWalk([.. _layerBlocks.Reverse()]);
        for (var layer = Layers.Length - 1; layer >= 0; layer--)
        {
            using var use = walk.Next();
            RunWeightHalf(layer, work.Layers.Dequeue(), isLast);
        }

        if (work.DEmbedded_RD is { } dx_RD)
            EmbedBackward(work.Batch, dx_RD, isLast);
    }

    /// <summary>Forward alone: keeps nothing.</summary>
    /// <param name="x_RD">[R_tp, D], owned by the chunk from here on; null for the first chunk, which embeds the tokens.</param>
    /// <returns>y [R_tp, D] of the last layer, before the head; the caller disposes it.</returns>
    internal Tensor ForwardOnly(Tensor? x_RD, PackedBatch batch)
    {
        _rotary.Require(batch.MaxLength);
        var walk = new BlockWalk(x_RD is null ? [.. _embeddingBlocks, .. _layerBlocks] : _layerBlocks);
        var y_RD = x_RD ?? Embed(walk, batch.Tokens_R);
        foreach (var layer in Layers)
        {
            using var use = walk.Next();
            y_RD = layer.ForwardOnly(y_RD, batch);
        }

        return y_RD;
    }

    /// <summary>What the head makes of the last layer's output, which is disposed.</summary>
    internal T RunHead<T>(Tensor y_RD, Func<ModelHead, Tensor, T> body)
    {
        using var use = new BlockWalk([Head!.Block]).Next();
        using (y_RD)
            return body(Head, y_RD);
    }

    /// <summary>Logits of the last of the given tokens, which come after those that the cache holds.</summary>
    internal Tensor Extend(Tensor tokens_R, Tensor positions_R, IReadOnlyList<LayerCache> caches)
    {
        _rotary.Require(caches[0].Count + tokens_R.Size(0));
        var x_RD = _embedTokens!.Forward(tokens_R);
        for (var i = 0; i < Layers.Length; i++)
            x_RD = Layers[i].Extend(x_RD, positions_R, caches[i]);
        using var last_1D = x_RD.Rows(x_RD.Size(0) - 1, 1);
        var logits_1V = Head!.Logits(last_1D);
        x_RD.Dispose();
        return logits_1V;
    }

    private Tensor Embed(BlockWalk walk, Tensor tokens_R)
    {
        using var use = walk.Next();
        return _embedTokens!.Forward(tokens_R);
    }

    private void EmbedBackward(PackedBatch batch, Tensor dx_RD, bool isLast)
    {
        _embeddingBlocks[0].OpenGradients();
        _embedTokens!.BackwardWeight(batch.Tokens_R, dx_RD);
        dx_RD.Dispose();
        _parameters.StartReduce(_embeddingBlocks[0].Groups, isLast);
    }

    /// <param name="weightHalf">Gets each layer's number in the chunk and its weight half.</param>
    private (Tensor DX_RD, Tensor? Losses_R) BackwardLayers(
        SavedChunk saved, Tensor? dy_RD, double scale, bool isLast, Action<int, LayerWeightWork> weightHalf)
    {
        var heads = Head is null ? (ParameterBlock[])[] : [Head.Block];
        var walk = new BlockWalk([.. heads, .. _layerBlocks.Reverse()]);
        Tensor? losses_R = null;
        var dx_RD = dy_RD;
        if (Head is not null)
        {
            using var use = walk.Next();
            losses_R = _parameters.Engine.Empty(ScalarType.Float64, saved.Batch.NumRows);
            dx_RD = Head.ForwardBackward(losses_R, saved.Output_RD!, saved.Batch, scale, isLast);
        }

        for (var layer = Layers.Length - 1; layer >= 0; layer--)
        {
            using var use = walk.Next();
            (dx_RD, var work) = Layers[layer].BackwardInput(saved.Layers.Pop(), dx_RD!, saved.Batch);
            weightHalf(layer, work);
        }

        return (dx_RD!, losses_R);
    }

    private void RunWeightHalf(int layer, LayerWeightWork work, bool isLast)
    {
        _layerBlocks[layer].OpenGradients();
        Layers[layer].BackwardWeight(work);
        _parameters.StartReduce(_layerBlocks[layer].Groups, isLast);
    }
}
