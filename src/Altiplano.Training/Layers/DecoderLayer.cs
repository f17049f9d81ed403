using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Training.Layers;

/// <summary>What the two halves of a layer keep, and the tensor between them.</summary>
public sealed record SavedHalves(SavedAttention Attention, Tensor Middle_RD, SavedMlp Mlp) : IDisposable
{
    public void Dispose() => DisposeButRoute()?.Dispose();

    /// <returns>Which experts the rows visited, which the caller disposes; null where the layer has none.</returns>
    public ExpertRoute? DisposeButRoute()
    {
        Attention.Dispose();
        Middle_RD.Dispose();
        return Mlp.DisposeButRoute();
    }
}

/// <summary>What a decoder layer keeps from its forward pass; owns the layer's input.</summary>
/// <param name="Halves">Null where the backward pass computes them again from the input.</param>
/// <param name="Route">Which experts the rows visit, where that is all that is kept of them: what is computed again decides nothing.</param>
public sealed record SavedLayer(Tensor X_RD, SavedHalves? Halves, ExpertRoute? Route = null) : IDisposable
{
    public void Dispose()
    {
        X_RD.Dispose();
        Halves?.Dispose();
        Route?.Dispose();
    }
}

/// <summary>The weight half of a layer's backward pass, ready to run at any time; owns all it needs.</summary>
public sealed record LayerWeightWork(
    SavedLayer Saved, Tensor Dy_RD, MlpGradients Mlp, Tensor DMiddle_RD, AttentionGradients Attention) : IDisposable
{
    public void Dispose()
    {
        Saved.Dispose();
        Dy_RD.Dispose();
        Mlp.Dispose();
        DMiddle_RD.Dispose();
        Attention.Dispose();
    }
}

/// <summary>One decoder layer: attention, then feed-forward.</summary>
/// <param name="routing">What stands for a router's choice on shapes; null for balance.</param>
public sealed class DecoderLayer(
    ParameterStore parameters, RotaryTable rotary, int layer, Recompute recompute, RoutingAssumption? routing = null)
{
    public SelfAttention SelfAttention { get; } = new(parameters, rotary, layer);
    public Mlp Mlp { get; } = new(parameters, layer, routing);

    /// <param name="x_RD">[R, D]; the returned record owns it from here on.</param>
    /// <returns>y [R, D], which the caller disposes, and what the backward pass needs.</returns>
    public (Tensor Y_RD, SavedLayer Saved) Forward(Tensor x_RD, PackedBatch batch)
    {
        var (y_RD, halves) = ForwardHalves(x_RD, batch, keepElementwise: recompute == Recompute.None);
        if (recompute != Recompute.Full)
            return (y_RD, new SavedLayer(x_RD, halves));
        return (y_RD, new SavedLayer(x_RD, null, halves.DisposeButRoute()));
    }

    /// <summary>Forward alone: keeps nothing, disposes its input.</summary>
    /// <returns>y [R, D]; the caller disposes it.</returns>
    public Tensor ForwardOnly(Tensor x_RD, PackedBatch batch)
    {
        var (y_RD, halves) = ForwardHalves(x_RD, batch, keepElementwise: false);
        halves.Dispose();
        x_RD.Dispose();
        return y_RD;
    }

    /// <summary>More tokens against the layer's cache; disposes its input.</summary>
    /// <returns>y [R, D]; the caller disposes it.</returns>
    public Tensor Extend(Tensor x_RD, Tensor positions_R, LayerCache cache)
    {
        using var middle_RD = SelfAttention.Extend(x_RD, positions_R, cache);
        x_RD.Dispose();
        var (y_RD, saved) = Mlp.Forward(middle_RD, keepElementwise: false);
        saved.Dispose();
        return y_RD;
    }

    /// <param name="saved">Owned by the returned work from here on.</param>
    /// <param name="dy_RD">[R, D]; owned by the returned work from here on.</param>
    /// <returns>dx [R, D], which the caller disposes, and the weight half, which the schedule runs when it likes.</returns>
    public (Tensor DX_RD, LayerWeightWork Work) BackwardInput(SavedLayer saved, Tensor dy_RD, PackedBatch batch)
    {
        var halves = saved.Halves ?? Recomputed(saved, batch);
        var (dMiddle_RD, mlp) = Mlp.BackwardInput(halves.Mlp, dy_RD);
        var (dx_RD, attention) = SelfAttention.BackwardInput(halves.Attention, dMiddle_RD, batch);
        return (dx_RD, new LayerWeightWork(saved with { Halves = halves, Route = null }, dy_RD, mlp, dMiddle_RD, attention));
    }

    /// <summary>Adds to the gradients of all the layer's weights and disposes the work.</summary>
    public void BackwardWeight(LayerWeightWork work)
    {
        using (work)
        {
            Mlp.BackwardWeight(work.Saved.Halves!.Mlp, work.Mlp);
            SelfAttention.BackwardWeight(work.Saved.Halves.Attention, work.Attention);
        }
    }

    private SavedHalves Recomputed(SavedLayer saved, PackedBatch batch)
    {
        var (y_RD, halves) = ForwardHalves(saved.X_RD, batch, keepElementwise: true, saved.Route);
        y_RD.Dispose();
        return halves;
    }

    private (Tensor Y_RD, SavedHalves Halves) ForwardHalves(Tensor x_RD, PackedBatch batch, bool keepElementwise, ExpertRoute? route = null)
    {
        var (middle_RD, attention) = SelfAttention.Forward(x_RD, batch, keepElementwise);
        var (y_RD, mlp) = Mlp.Forward(middle_RD, keepElementwise, route);
        return (y_RD, new SavedHalves(attention, middle_RD, mlp));
    }
}
