using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>What attention keeps from its forward pass.</summary>
/// <param name="X_RD">The block's input; the layer owns it.</param>
/// <param name="Normed_RD">The normalised input, or null where it is recomputed.</param>
/// <param name="Qkv_RW">q‖k‖v after rotation, W = (N + 2K) H.</param>
/// <param name="InverseHeadRms_RN">1 / rms of each head of queries and keys, or null where they are not normalised.</param>
/// <param name="KeysValues">k‖v of the rows of all cp ranks where they are gathered, else null.</param>
/// <param name="Output_RNH">Attention's result before the output projection.</param>
public sealed record SavedAttention(
    Tensor X_RD, Tensor InverseRms_R, Tensor? Normed_RD, Tensor Qkv_RW, Tensor? InverseHeadRms_RN, Tensor? KeysValues, Tensor Output_RNH,
    Tensor[] LogSumExp) : IDisposable
{
    public void Dispose()
    {
        InverseRms_R.Dispose();
        Normed_RD?.Dispose();
        Qkv_RW.Dispose();
        InverseHeadRms_RN?.Dispose();
        KeysValues?.Dispose();
        Output_RNH.Dispose();
        foreach (var part in LogSumExp)
            part.Dispose();
    }
}

/// <summary>Gradients that attention's weight half still needs.</summary>
/// <param name="DyOfAll_RD">The incoming gradient of the rows of all tp ranks; a view of the layer's where there is one.</param>
public sealed record AttentionGradients(Tensor DyOfAll_RD, Tensor DQkv_RW, Tensor DNormed_RD) : IDisposable
{
    public void Dispose()
    {
        DyOfAll_RD.Dispose();
        DQkv_RW.Dispose();
        DNormed_RD.Dispose();
    }
}

/// <summary>The attention half of a decoder layer: y = x + o_proj(attention(rotate(qkv(norm(x))))).</summary>
/// <remarks>
/// Over tp: whole heads on each rank, qkv_proj[W_tp, D] and o_proj[D, E_tp], x and y[R_tp, D]. Collectives: forward an all-gather of rows
/// before and a reduce-scatter after; backward the same, and an all-gather in the weight half.
/// </remarks>
public sealed class SelfAttention
{
    private readonly LlamaArchitecture _model;
    private readonly Axis _tp;
    private readonly IContextAttention? _context;
    private readonly HeadTransform _heads;
    private readonly RmsNorm _inputLayerNorm;
    private readonly Linear _qkvProj;
    private readonly Linear _oProj;

    public SelfAttention(ParameterStore parameters, RotaryTable rotary, int layer)
    {
        _model = parameters.LocalArchitecture;
        _tp = parameters.Tp;
        _context = IContextAttention.Of(_model, parameters.Sharding);
        _heads = new HeadTransform(_model, rotary, layer);
        _inputLayerNorm = new RmsNorm(parameters.Layer(layer, "input_layernorm"), _model.RmsNormEps);
        _qkvProj = new Linear(parameters.Layer(layer, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"));
        _oProj = new Linear(parameters.Layer(layer, "self_attn.o_proj"));
    }

    /// <param name="x_RD">[R, D]; must live as long as the returned record.</param>
    /// <returns>y [R, D] and what the backward pass needs; the caller disposes both.</returns>
    public (Tensor Y_RD, SavedAttention Saved) Forward(Tensor x_RD, PackedBatch batch, bool keepNormed)
    {
        var (normed_RD, inverseRms_R) = _inputLayerNorm.Forward(x_RD);
        var qkv_RW = ForwardOfAllRows(normed_RD);
        var inverseHeadRms_RN = _heads.Apply(qkv_RW, batch.Positions_R);
        batch = batch.CutAt(_heads.ChunkTokens);
        var engine = x_RD.Engine;
        var output_RNH = engine.Empty(x_RD.Type, qkv_RW.Size(0), _model.NumAttentionHeads, _model.HeadDim);
        var (keysValues, logSumExp) = Attend(output_RNH, qkv_RW, batch);
        var y_RD = ProjectOnto(x_RD, output_RNH);
        if (!keepNormed)
            normed_RD.Dispose();
        return (y_RD, new SavedAttention(
            x_RD, inverseRms_R, keepNormed ? normed_RD : null, qkv_RW, inverseHeadRms_RN, keysValues, output_RNH, logSumExp));
    }

    /// <param name="dy_RD">[R, D]; must live as long as the returned record.</param>
    /// <returns>dx [R, D] and what <see cref="BackwardWeight"/> needs; the caller disposes both.</returns>
    public (Tensor DX_RD, AttentionGradients Gradients) BackwardInput(SavedAttention saved, Tensor dy_RD, PackedBatch batch)
    {
        var engine = dy_RD.Engine;
        var dyOfAll_RD = _tp.AllGatherRows(dy_RD);
        using var dOutput_RE = _oProj.BackwardInput(dyOfAll_RD);
        using var dOutput_RNH = dOutput_RE.Reshape(saved.Output_RNH.Shape);
        var dQkv_RW = engine.Empty(dy_RD.Type, saved.Qkv_RW.Shape);
        batch = batch.CutAt(_heads.ChunkTokens);
        AttendBackward(dQkv_RW, dOutput_RNH, saved, batch);
        _heads.ApplyBackward(dQkv_RW, saved.Qkv_RW, saved.InverseHeadRms_RN, batch.Positions_R);
        var dNormed_RD = _tp.ReduceScatterRows(_qkvProj.BackwardInput(dQkv_RW));
        var dx_RD = _inputLayerNorm.BackwardInput(dNormed_RD, saved.X_RD, saved.InverseRms_R, residual_RD: dy_RD);
        return (dx_RD, new AttentionGradients(dyOfAll_RD, dQkv_RW, dNormed_RD));
    }

    /// <summary>Adds to the gradients of norm, q, k, v and o; disposes nothing.</summary>
    public void BackwardWeight(SavedAttention saved, AttentionGradients gradients)
    {
        using var recomputed_RD = saved.Normed_RD is null ? _inputLayerNorm.ForwardOnly(saved.X_RD) : null;
        var (whole_RD, gathering) = _tp.StartAllGatherRows(saved.Normed_RD ?? recomputed_RD!);
        using var normedOfAll_RD = whole_RD;
        using var output_RE = saved.Output_RNH.Reshape(saved.Output_RNH.Size(0), saved.Output_RNH.Size(1) * saved.Output_RNH.Size(2));
        _oProj.BackwardWeight(output_RE, gradients.DyOfAll_RD);
        gathering?.Wait();
        _qkvProj.BackwardWeight(normedOfAll_RD, gradients.DQkv_RW);
        _inputLayerNorm.BackwardWeight(gradients.DNormed_RD, saved.X_RD, saved.InverseRms_R);
    }

    /// <summary>One more token against a cache, or the first tokens into an empty one.</summary>
    /// <param name="x_RD">[R, D]; R is 1 unless the cache is empty.</param>
    /// <param name="positions_R">[R], positions in the sequence.</param>
    /// <returns>y [R, D]; the caller disposes it.</returns>
    public Tensor Extend(Tensor x_RD, Tensor positions_R, LayerCache cache)
    {
        var engine = x_RD.Engine;
        var normed_RD = _inputLayerNorm.ForwardOnly(x_RD);
        using var qkv_RW = _qkvProj.Forward(normed_RD);
        normed_RD.Dispose();
        _heads.Apply(qkv_RW, positions_R)?.Dispose();
        using var output_RNH = engine.Empty(x_RD.Type, x_RD.Size(0), _model.NumAttentionHeads, _model.HeadDim);
        using var heads = new HeadViews(qkv_RW, _model);
        cache.AttendAndAppend(output_RNH, heads, _heads.ChunkTokens);
        return ProjectOnto(x_RD, output_RNH);
    }

    private (Tensor? KeysValues, Tensor[] LogSumExp) Attend(Tensor output_RNH, Tensor qkv_RW, PackedBatch batch)
    {
        if (_context is not null)
        {
            var (keysValues, logSumExp_NR) = _context.Forward(output_RNH, qkv_RW, batch);
            return (keysValues, [logSumExp_NR]);
        }

        using var heads = new HeadViews(qkv_RW, _model);
        return (null, qkv_RW.Engine.Attention(output_RNH, heads.Q_RNH, heads.K_RKH, heads.V_RKH, batch.Segments));
    }

    private void AttendBackward(Tensor dQkv_RW, Tensor dOutput_RNH, SavedAttention saved, PackedBatch batch)
    {
        if (_context is not null)
        {
            _context.Backward(dQkv_RW, dOutput_RNH, saved, batch);
            return;
        }

        using var heads = new HeadViews(saved.Qkv_RW, _model);
        using var dHeads = new HeadViews(dQkv_RW, _model);
        dQkv_RW.Engine.AttentionBackward(
            dHeads.Q_RNH, dHeads.K_RKH, dHeads.V_RKH, dOutput_RNH, heads.Q_RNH, heads.K_RKH, heads.V_RKH,
            saved.Output_RNH, saved.LogSumExp, batch.Segments);
    }

    private Tensor ForwardOfAllRows(Tensor normed_RD)
    {
        using var normedOfAll_RD = _tp.AllGatherRows(normed_RD);
        return _qkvProj.Forward(normedOfAll_RD);
    }

    private Tensor ProjectOnto(Tensor x_RD, Tensor output_RNH)
    {
        using var output_RE = output_RNH.Reshape(output_RNH.Size(0), output_RNH.Size(1) * output_RNH.Size(2));
        return _oProj.ForwardOnto(x_RD, output_RE, _tp);
    }
}
