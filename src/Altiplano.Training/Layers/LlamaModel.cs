using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

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

    /// <param name="parameters">The weights; they stay the caller's.</param>
    public LlamaModel(ParameterStore parameters, ModelOptions options)
    {
        Parameters = parameters;
        var model = parameters.Architecture;
        _rotary = new RotaryTable(parameters.Engine, model, parameters.ParameterType, options.NumPositions);
        var table = parameters.View(ParameterTable.EmbeddingName);
        _embedTokens = new Embedding(table);
        Layers = [.. Enumerable.Range(0, model.NumLayers).Select(i => new DecoderLayer(parameters, _rotary, i, options.Recompute))];
        _norm = new RmsNorm(parameters.View(ParameterTable.FinalNormName), model.RmsNormEps);
        _lmHead = new LossHead(model.TieWordEmbeddings ? table : parameters.View(ParameterTable.HeadName), options.HeadChunkRows);
    }

    public ParameterStore Parameters { get; }
    public IReadOnlyList<DecoderLayer> Layers { get; }

    private Engine Engine => Parameters.Engine;

    /// <summary>One microbatch forward and backward: adds to every gradient.</summary>
    /// <param name="scale">1 / valid tokens of the whole step, over all microbatches.</param>
    /// <returns>Loss of each row in nats, 0 for ignored ones, [R] of f64; the caller disposes it.</returns>
    public Tensor ForwardBackward(PackedBatch batch, double scale)
    {
        _rotary.Require(batch.MaxLength);
        var saved = new Stack<SavedLayer>();
        var x_RD = _embedTokens.Forward(batch.Tokens_R);
        foreach (var layer in Layers)
        {
            (x_RD, var kept) = layer.Forward(x_RD, batch);
            saved.Push(kept);
        }

        var losses_R = Engine.Empty(ScalarType.Float64, batch.NumRows);
        var dx_RD = HeadForwardBackward(losses_R, x_RD, batch, scale);
        foreach (var layer in Layers.Reverse())
        {
            (dx_RD, var work) = layer.BackwardInput(saved.Pop(), dx_RD, batch);
            layer.BackwardWeight(work);
        }

        _embedTokens.BackwardWeight(batch.Tokens_R, dx_RD);
        dx_RD.Dispose();
        return losses_R;
    }

    /// <summary>Loss of each row in nats, without gradients, [R] of f64; the caller disposes it.</summary>
    public Tensor Losses(PackedBatch batch)
    {
        using var normed_RD = NormedOutput(batch);
        var losses_R = Engine.Empty(ScalarType.Float64, batch.NumRows);
        _lmHead.Forward(losses_R, normed_RD, batch.Targets_R);
        return losses_R;
    }

    /// <summary>Logits of every row in the accumulator type, [R, V]; the caller disposes it.</summary>
    public Tensor Logits(PackedBatch batch)
    {
        using var normed_RD = NormedOutput(batch);
        return _lmHead.Logits(normed_RD);
    }

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

    /// <summary>Final norm and head, both ways; disposes x.</summary>
    private Tensor HeadForwardBackward(Tensor losses_R, Tensor x_RD, PackedBatch batch, double scale)
    {
        var (normed_RD, inverseRms_R) = _norm.Forward(x_RD);
        var dNormed_RD = _lmHead.ForwardBackward(losses_R, normed_RD, batch.Targets_R, scale);
        normed_RD.Dispose();
        var dx_RD = _norm.BackwardInput(dNormed_RD, x_RD, inverseRms_R, residual_RD: null);
        _norm.BackwardWeight(dNormed_RD, x_RD, inverseRms_R);
        dNormed_RD.Dispose();
        inverseRms_R.Dispose();
        x_RD.Dispose();
        return dx_RD;
    }

    private Tensor NormedOutput(PackedBatch batch)
    {
        _rotary.Require(batch.MaxLength);
        var x_RD = _embedTokens.Forward(batch.Tokens_R);
        foreach (var layer in Layers)
            x_RD = layer.ForwardOnly(x_RD, batch);
        var normed_RD = _norm.ForwardOnly(x_RD);
        x_RD.Dispose();
        return normed_RD;
    }
}
