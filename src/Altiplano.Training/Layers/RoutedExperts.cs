using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>What routed experts keep from their forward pass.</summary>
/// <param name="Scores_KR">Of each row's choices, in the accumulator type.</param>
/// <param name="X_SD">The experts' inputs: rows of all ranks, scaled by their scores.</param>
/// <param name="GateUp_S2F">gate‖up before the activation.</param>
/// <param name="Activation_SF">silu(gate) · up, or null where it is recomputed.</param>
public sealed record SavedExperts(ExpertRoute Route, Tensor Scores_KR, Tensor X_SD, Tensor GateUp_S2F, Tensor? Activation_SF) : IDisposable
{
    public void Dispose()
    {
        Route.Dispose();
        DisposeButRoute();
    }

    public void DisposeButRoute()
    {
        Scores_KR.Dispose();
        X_SD.Dispose();
        GateUp_S2F.Dispose();
        Activation_SF?.Dispose();
    }
}

/// <summary>Gradients that the weight half of routed experts still needs.</summary>
/// <param name="DLogits_RE">In the activation type.</param>
/// <param name="Dy_SD">The incoming gradient of the rows that visited this rank's experts.</param>
public sealed record ExpertGradients(Tensor DLogits_RE, Tensor DGateUp_S2F, Tensor Dy_SD) : IDisposable
{
    public void Dispose()
    {
        DLogits_RE.Dispose();
        DGateUp_S2F.Dispose();
        Dy_SD.Dispose();
    }
}

/// <summary>Llama 4's mixture less the expert that every token visits: y = Σ over a row's choices of expert(score · x).</summary>
/// <remarks>
/// The score, a sigmoid of the router's logit, scales the expert's input; the router learns through it alone. No row is dropped. Over ep:
/// whole experts on each rank; over tp: gate_up_proj[E_ep, D, 2F_tp] and down_proj[E_ep, F_tp, D], and each rank routes rows of its own.
/// Collectives: those of <see cref="ExpertRouter"/> and <see cref="ExpertExchange"/>, there and back in either pass.
/// </remarks>
public sealed class RoutedExperts
{
    private readonly Parameter _router;
    private readonly Parameter _gateUpProj;
    private readonly Parameter _downProj;
    private readonly ExpertRouter _route;
    private readonly ExpertExchange _exchange;

    public RoutedExperts(ParameterStore parameters, int layer, RoutingAssumption routing)
    {
        var (ep, tp) = (parameters.Sharding.Mesh.Ep, parameters.Tp);
        _router = parameters.Layer(layer, "feed_forward.router");
        _gateUpProj = parameters.View(ParameterTable.ExpertName(layer, "gate_up_proj"));
        _downProj = parameters.View(ParameterTable.ExpertName(layer, "down_proj"));
        _route = new ExpertRouter(parameters.Architecture.Mixture!, ep, tp, routing);
        _exchange = new ExpertExchange(ep, tp);
    }

    /// <param name="y_RD">[R, D], added to.</param>
    /// <param name="normed_RD">[R, D].</param>
    /// <param name="route">What an earlier forward pass of the same rows decided; owned by the returned record. Null to decide now.</param>
    /// <returns>What the backward pass needs; the caller disposes it.</returns>
    public SavedExperts Forward(Tensor y_RD, Tensor normed_RD, bool keepActivation, ExpertRoute? route)
    {
        using var logits_RE = Logits(normed_RD);
        route ??= _route.Decide(logits_RE);
        var scores_KR = logits_RE.Engine.Empty(logits_RE.Type, route.Experts_KR.Shape);
        logits_RE.Engine.RouterScores(scores_KR, logits_RE, route.Experts_KR);
        var copies_CD = CopiesOf(normed_RD, route);
        Scale(copies_CD, scores_KR, route);
        var x_SD = _exchange.ToExperts(copies_CD, route);
        var gateUp_S2F = Product(x_SD, _gateUpProj, route);
        var activation_SF = Mlp.Activate(gateUp_S2F);
        AddSums(y_RD, _exchange.FromExperts(Product(activation_SF, _downProj, route), route), route);
        if (!keepActivation)
            activation_SF.Dispose();
        return new SavedExperts(route, scores_KR, x_SD, gateUp_S2F, keepActivation ? activation_SF : null);
    }

    /// <param name="dy_RD">[R, D].</param>
    /// <param name="normed_RD">As the forward pass saw it.</param>
    /// <param name="dNormed_RD">[R, D], added to.</param>
    /// <returns>What <see cref="BackwardWeight"/> needs; the caller disposes it.</returns>
    public ExpertGradients BackwardInput(SavedExperts saved, Tensor dy_RD, Tensor normed_RD, Tensor dNormed_RD)
    {
        var (engine, route) = (dy_RD.Engine, saved.Route);
        var dy_SD = _exchange.ToExperts(CopiesOf(dy_RD, route), route);
        using var dActivation_SF = ProductWithTransposed(dy_SD, _downProj, route);
        var dGateUp_S2F = engine.Empty(dy_RD.Type, saved.GateUp_S2F.Shape);
        engine.SwiGluBackward(dGateUp_S2F, dActivation_SF, saved.GateUp_S2F);
        var dCopies_CD = _exchange.FromExperts(ProductWithTransposed(dGateUp_S2F, _gateUpProj, route), route);
        var dLogits_RE = LogitsGradient(saved, dCopies_CD, normed_RD);
        engine.AddMatMul(dNormed_RD, dNormed_RD, dLogits_RE, _router.Weight);
        Scale(dCopies_CD, saved.Scores_KR, route);
        AddSums(dNormed_RD, dCopies_CD, route);
        return new ExpertGradients(dLogits_RE, dGateUp_S2F, dy_SD);
    }

    /// <summary>Adds to the gradients of router, gate, up and down; disposes nothing.</summary>
    /// <param name="normed_RD">As the forward pass saw it.</param>
    public void BackwardWeight(SavedExperts saved, ExpertGradients gradients, Tensor normed_RD)
    {
        var (engine, counts) = (normed_RD.Engine, saved.Route.Counts);
        engine.MatMul(_router.Gradient, gradients.DLogits_RE, normed_RD, transposeA: true, accumulate: _router.AccumulateNext());
        engine.GroupedMatMulWeight(_gateUpProj.Gradient, saved.X_SD, gradients.DGateUp_S2F, counts, _gateUpProj.AccumulateNext());
        using var recomputed_SF = saved.Activation_SF is null ? Mlp.Activate(saved.GateUp_S2F) : null;
        engine.GroupedMatMulWeight(
            _downProj.Gradient, saved.Activation_SF ?? recomputed_SF!, gradients.Dy_SD, counts, _downProj.AccumulateNext());
    }

    private Tensor Logits(Tensor normed_RD)
    {
        var logits_RE = normed_RD.Engine.Empty(normed_RD.Type.Accumulator(), normed_RD.Size(0), _router.Weight.Size(0));
        normed_RD.Engine.MatMul(logits_RE, normed_RD, _router.Weight, transposeB: true);
        return logits_RE;
    }

    /// <summary>The gradient of each score is what its copy's gradient finds in the row; in the activation type.</summary>
    private Tensor LogitsGradient(SavedExperts saved, Tensor dCopies_CD, Tensor normed_RD)
    {
        var (engine, route) = (normed_RD.Engine, saved.Route);
        using var copies_CD = CopiesOf(normed_RD, route);
        using var dots_C1 = engine.Empty(saved.Scores_KR.Type, copies_CD.Size(0), 1);
        using (var dots_C = dots_C1.Reshape(copies_CD.Size(0)))
            engine.RowDots(dots_C, copies_CD, dCopies_CD);
        using var dScores_KR = engine.Empty(saved.Scores_KR.Type, saved.Scores_KR.Shape);
        using (var dScores_C1 = dScores_KR.Reshape(dots_C1.Shape))
            engine.GatherRows(dScores_C1, dots_C1, route.Places_C);
        var dLogits_RE = engine.Empty(dScores_KR.Type, normed_RD.Size(0), _router.Weight.Size(0));
        engine.RouterScoresBackward(dLogits_RE, dScores_KR, saved.Scores_KR, route.Experts_KR);
        if (dLogits_RE.Type == normed_RD.Type)
            return dLogits_RE;
        using var exact_RE = dLogits_RE;
        var rounded_RE = engine.Empty(normed_RD.Type, exact_RE.Shape);
        engine.Copy(rounded_RE, exact_RE);
        return rounded_RE;
    }

    /// <summary>[C, D] in the order of experts; the caller disposes it.</summary>
    private static Tensor CopiesOf(Tensor x_RD, ExpertRoute route)
    {
        var copies_CD = x_RD.Engine.Empty(x_RD.Type, route.Rows_C.NumElements, x_RD.Size(1));
        x_RD.Engine.GatherRows(copies_CD, x_RD, route.Rows_C);
        return copies_CD;
    }

    private static void Scale(Tensor copies_CD, Tensor scores_KR, ExpertRoute route)
    {
        using var scores = scores_KR.Reshape(scores_KR.NumElements);
        copies_CD.Engine.ScaleRows(copies_CD, copies_CD, scores, route.Copies_C);
    }

    /// <summary>Adds each row's copies to it; disposes them.</summary>
    private static void AddSums(Tensor sum_RD, Tensor copies_CD, ExpertRoute route)
    {
        var engine = sum_RD.Engine;
        using var rows_RD = engine.Empty(sum_RD.Type, sum_RD.Shape);
        for (var choice = 0L; choice < route.Experts_KR.Size(0); choice++)
        {
            using var places_R = route.Places_C.Rows(choice * sum_RD.Size(0), sum_RD.Size(0));
            engine.GatherRows(rows_RD, copies_CD, places_R);
            engine.Add(sum_RD, rows_RD);
        }

        copies_CD.Dispose();
    }

    private static Tensor Product(Tensor x, Parameter weight, ExpertRoute route)
    {
        var y = x.Engine.Empty(x.Type, x.Size(0), weight.Weight.Size(2));
        x.Engine.GroupedMatMul(y, x, weight.Weight, route.Counts);
        return y;
    }

    private static Tensor ProductWithTransposed(Tensor dy, Parameter weight, ExpertRoute route)
    {
        var dx = dy.Engine.Empty(dy.Type, dy.Size(0), weight.Weight.Size(1));
        dy.Engine.GroupedMatMul(dx, dy, weight.Weight, route.Counts, transposeW: true);
        return dx;
    }
}
