using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Root-mean-square normalisation with a weight per column.</summary>
public sealed class RmsNorm(Parameter weight, double eps)
{
    /// <param name="x_RD">[R, D].</param>
    /// <returns>y [R, D] and 1 / rms [R], which the backward pass needs; the caller disposes both.</returns>
    public (Tensor Y_RD, Tensor InverseRms_R) Forward(Tensor x_RD)
    {
        var y_RD = x_RD.Engine.Empty(x_RD.Type, x_RD.Shape);
        var inverseRms_R = x_RD.Engine.Empty(x_RD.Type.Accumulator(), x_RD.Size(0));
        x_RD.Engine.RmsNorm(y_RD, inverseRms_R, x_RD, weight.Weight, eps);
        return (y_RD, inverseRms_R);
    }

    /// <summary>y [R, D] alone; the caller disposes it.</summary>
    public Tensor ForwardOnly(Tensor x_RD)
    {
        var (y_RD, inverseRms_R) = Forward(x_RD);
        inverseRms_R.Dispose();
        return y_RD;
    }

    /// <param name="residual_RD">Gradient that reaches x around the norm, or null.</param>
    /// <returns>dx [R, D]; the caller disposes it.</returns>
    public Tensor BackwardInput(Tensor dy_RD, Tensor x_RD, Tensor inverseRms_R, Tensor? residual_RD)
    {
        var dx_RD = x_RD.Engine.Empty(x_RD.Type, x_RD.Shape);
        x_RD.Engine.RmsNormBackwardInput(dx_RD, dy_RD, x_RD, weight.Weight, inverseRms_R, residual_RD);
        return dx_RD;
    }

    public void BackwardWeight(Tensor dy_RD, Tensor x_RD, Tensor inverseRms_R) =>
        x_RD.Engine.RmsNormBackwardWeight(weight.Gradient, dy_RD, x_RD, inverseRms_R, weight.AccumulateNext());
}
