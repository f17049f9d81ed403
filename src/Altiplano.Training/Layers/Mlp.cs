using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>What the feed-forward half keeps from its forward pass.</summary>
/// <param name="X_RD">The block's input; the layer owns it.</param>
/// <param name="Normed_RD">The normalised input, or null where it is recomputed.</param>
/// <param name="GateUp_R2F">gate‖up before the activation.</param>
/// <param name="Activation_RF">silu(gate) · up, or null where it is recomputed.</param>
/// <param name="Experts">What routed experts keep; null where the layer has none.</param>
public sealed record SavedMlp(
    Tensor X_RD, Tensor InverseRms_R, Tensor? Normed_RD, Tensor GateUp_R2F, Tensor? Activation_RF, SavedExperts? Experts) : IDisposable
{
    public void Dispose()
    {
        DisposeButRoute()?.Dispose();
    }

    /// <returns>Which experts the rows visited, which the caller disposes; null where the layer has none.</returns>
    public ExpertRoute? DisposeButRoute()
    {
        InverseRms_R.Dispose();
        Normed_RD?.Dispose();
        GateUp_R2F.Dispose();
        Activation_RF?.Dispose();
        Experts?.DisposeButRoute();
        return Experts?.Route;
    }
}

/// <summary>Gradients that the feed-forward's weight half still needs.</summary>
/// <param name="DyOfAll_RD">The incoming gradient of the rows of all tp ranks; a view of the layer's where there is one.</param>
public sealed record MlpGradients(Tensor DyOfAll_RD, Tensor DGateUp_R2F, Tensor DNormed_RD, ExpertGradients? Experts) : IDisposable
{
    public void Dispose()
    {
        Experts?.Dispose();
        DyOfAll_RD.Dispose();
        DGateUp_R2F.Dispose();
        DNormed_RD.Dispose();
    }
}

/// <summary>
/// The feed-forward half of a decoder layer: y = x + down_proj(silu(gate) · up), gate‖up = gate_up_proj(norm(x)). In a mixture these are
/// of the expert that every token visits, and what routed experts make of norm(x) is added.
/// </summary>
/// <remarks>
/// Over tp: gate_up_proj[2F_tp, D] and down_proj[D, F_tp], x and y[R_tp, D]. Collectives: forward an all-gather of rows before and a
/// reduce-scatter after; backward the same, and an all-gather in the weight half.
/// </remarks>
public sealed class Mlp
{
    private readonly Axis _tp;
    private readonly RmsNorm _postAttentionLayerNorm;
    private readonly Linear _gateUpProj;
    private readonly Linear _downProj;
    private readonly RoutedExperts? _experts;

    /// <param name="routing">What stands for a router's choice on shapes; null for balance.</param>
    public Mlp(ParameterStore parameters, int layer, RoutingAssumption? routing = null)
    {
        var part = ParameterTable.FeedForwardPart(parameters.Architecture, layer);
        _tp = parameters.Tp;
        _postAttentionLayerNorm = new RmsNorm(
            parameters.Layer(layer, "post_attention_layernorm"), parameters.Architecture.RmsNormEps);
        _gateUpProj = new Linear(parameters.Layer(layer, $"{part}.gate_proj", $"{part}.up_proj"));
        _downProj = new Linear(parameters.Layer(layer, $"{part}.down_proj"));
        _experts = parameters.Architecture.IsMixtureLayer(layer)
            ? new RoutedExperts(parameters, layer, routing ?? RoutingAssumption.Balanced)
            : null;
    }

    /// <param name="x_RD">[R, D]; must live as long as the returned record.</param>
    /// <param name="route">What an earlier forward pass of the same rows decided; owned by the returned record. Null to decide now.</param>
    /// <returns>y [R, D] and what the backward pass needs; the caller disposes both.</returns>
    public (Tensor Y_RD, SavedMlp Saved) Forward(Tensor x_RD, bool keepElementwise, ExpertRoute? route = null)
    {
        var (normed_RD, inverseRms_R) = _postAttentionLayerNorm.Forward(x_RD);
        var gateUp_R2F = ForwardOfAllRows(normed_RD);
        var activation_RF = Activate(gateUp_R2F);
        var y_RD = _downProj.ForwardOnto(x_RD, activation_RF, _tp);
        var experts = _experts?.Forward(y_RD, normed_RD, keepElementwise, route);
        if (keepElementwise)
            return (y_RD, new SavedMlp(x_RD, inverseRms_R, normed_RD, gateUp_R2F, activation_RF, experts));
        normed_RD.Dispose();
        activation_RF.Dispose();
        return (y_RD, new SavedMlp(x_RD, inverseRms_R, null, gateUp_R2F, null, experts));
    }

    /// <param name="dy_RD">[R, D]; must live as long as the returned record.</param>
    /// <returns>dx [R, D] and what <see cref="BackwardWeight"/> needs; the caller disposes both.</returns>
    public (Tensor DX_RD, MlpGradients Gradients) BackwardInput(SavedMlp saved, Tensor dy_RD)
    {
        var dyOfAll_RD = _tp.AllGatherRows(dy_RD);
        using var dActivation_RF = _downProj.BackwardInput(dyOfAll_RD);
        var dGateUp_R2F = dy_RD.Engine.Empty(dy_RD.Type, saved.GateUp_R2F.Shape);
        dy_RD.Engine.SwiGluBackward(dGateUp_R2F, dActivation_RF, saved.GateUp_R2F);
        var dNormed_RD = _tp.ReduceScatterRows(_gateUpProj.BackwardInput(dGateUp_R2F));
        var experts = ExpertsBackward(saved, dy_RD, dNormed_RD);
        var dx_RD = _postAttentionLayerNorm.BackwardInput(dNormed_RD, saved.X_RD, saved.InverseRms_R, residual_RD: dy_RD);
        return (dx_RD, new MlpGradients(dyOfAll_RD, dGateUp_R2F, dNormed_RD, experts));
    }

    /// <summary>Adds to the gradients of norm, gate, up and down, of routed experts too; disposes nothing.</summary>
    public void BackwardWeight(SavedMlp saved, MlpGradients gradients)
    {
        using var normed_RD = saved.Normed_RD is null ? _postAttentionLayerNorm.ForwardOnly(saved.X_RD) : null;
        var (whole_RD, gathering) = _tp.StartAllGatherRows(saved.Normed_RD ?? normed_RD!);
        using var normedOfAll_RD = whole_RD;
        using var activation_RF = saved.Activation_RF is null ? Activate(saved.GateUp_R2F) : null;
        _downProj.BackwardWeight(saved.Activation_RF ?? activation_RF!, gradients.DyOfAll_RD);
        gathering?.Wait();
        _gateUpProj.BackwardWeight(normedOfAll_RD, gradients.DGateUp_R2F);
        _experts?.BackwardWeight(saved.Experts!, gradients.Experts!, saved.Normed_RD ?? normed_RD!);
        _postAttentionLayerNorm.BackwardWeight(gradients.DNormed_RD, saved.X_RD, saved.InverseRms_R);
    }

    /// <param name="dNormed_RD">Added to.</param>
    private ExpertGradients? ExpertsBackward(SavedMlp saved, Tensor dy_RD, Tensor dNormed_RD)
    {
        if (_experts is null)
            return null;
        using var recomputed_RD = saved.Normed_RD is null ? _postAttentionLayerNorm.ForwardOnly(saved.X_RD) : null;
        return _experts.BackwardInput(saved.Experts!, dy_RD, saved.Normed_RD ?? recomputed_RD!, dNormed_RD);
    }

    private Tensor ForwardOfAllRows(Tensor normed_RD)
    {
        using var normedOfAll_RD = _tp.AllGatherRows(normed_RD);
        return _gateUpProj.Forward(normedOfAll_RD);
    }

    /// <summary>silu(gate) · up, [R, F]; the caller disposes it.</summary>
    internal static Tensor Activate(Tensor gateUp_R2F)
    {
        var activation_RF = gateUp_R2F.Engine.Empty(gateUp_R2F.Type, gateUp_R2F.Size(0), gateUp_R2F.Size(1) / 2);
        gateUp_R2F.Engine.SwiGlu(activation_RF, gateUp_R2F);
        return activation_RF;
    }
}
