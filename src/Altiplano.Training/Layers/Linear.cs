using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>y = x Wᵀ, W [out, in].</summary>
public sealed class Linear(Parameter weight)
{
    /// <param name="x">[R, in].</param>
    /// <returns>[R, out]; the caller disposes it.</returns>
    public Tensor Forward(Tensor x)
    {
        var y = x.Engine.Empty(x.Type, x.Size(0), weight.Weight.Size(0));
        x.Engine.MatMul(y, x, weight.Weight, transposeB: true);
        return y;
    }

    /// <summary>residual + x Wᵀ where the columns of W, and of x, lie on tp: each rank gets its share of the rows.</summary>
    /// <param name="residual">[R_tp, out].</param>
    /// <param name="x">[R, in_tp].</param>
    /// <returns>[R_tp, out]; the caller disposes it.</returns>
    /// <remarks>Collectives: one reduce-scatter over tp. On one rank the sum comes with the product.</remarks>
    public Tensor ForwardOnto(Tensor residual, Tensor x, Axis tp)
    {
        if (tp.Degree > 1)
        {
            var sum = tp.ReduceScatterRows(Forward(x));
            x.Engine.Add(sum, residual);
            return sum;
        }

        var y = x.Engine.Empty(x.Type, x.Size(0), weight.Weight.Size(0));
        x.Engine.AddMatMul(y, residual, x, weight.Weight, transposeB: true);
        return y;
    }

    /// <param name="dy">[R, out].</param>
    /// <returns>dx [R, in]; the caller disposes it.</returns>
    public Tensor BackwardInput(Tensor dy)
    {
        var dx = dy.Engine.Empty(dy.Type, dy.Size(0), weight.Weight.Size(1));
        dy.Engine.MatMul(dx, dy, weight.Weight);
        return dx;
    }

    /// <summary>Adds dyᵀ x to the weight's gradient.</summary>
    /// <param name="x">[R, in], as the forward pass saw it.</param>
    /// <param name="dy">[R, out].</param>
    public void BackwardWeight(Tensor x, Tensor dy) =>
        dy.Engine.MatMul(weight.Gradient, dy, x, transposeA: true, accumulate: weight.AccumulateNext());
}
