using Altiplano.Torch.Native;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Every kernel as a formula of plain libtorch operators: what the fused kernels must agree with, and what bf16 runs on.</summary>
internal sealed class ReferenceKernels : IKernels
{
    public void RmsNorm(Tensor y, Tensor inverseRms, Tensor x, Tensor weight, double eps)
    {
        using var s = new AtenScope(x.Engine);
        var x_RD = s.To(x, inverseRms.Type);
        var r_R1 = s.Rsqrt(s.Add(s.MeanOfRows(s.Mul(x_RD, x_RD)), eps));
        NativeTensor.Copy(inverseRms, s.View(r_R1, inverseRms.Shape, [1]));
        // Rounded to the activation type before the product with the weight: Meta's order.
        NativeTensor.Copy(y, s.Mul(s.To(s.Mul(x_RD, r_R1), x.Type), weight));
    }

    public void RmsNormBackwardInput(Tensor dx, Tensor dy, Tensor x, Tensor weight, Tensor inverseRms, Tensor? residual)
    {
        using var s = new AtenScope(x.Engine);
        var type = inverseRms.Type;
        var r_R1 = s.Column(inverseRms);
        var normed_RD = s.Mul(s.To(x, type), r_R1);
        var weighted_RD = s.Mul(s.To(dy, type), s.To(weight, type));
        var pull_RD = s.Mul(normed_RD, s.MeanOfRows(s.Mul(weighted_RD, normed_RD)));
        var gradient_RD = s.Mul(s.Sub(weighted_RD, pull_RD), r_R1);
        NativeTensor.Copy(dx, residual is null ? gradient_RD : s.Add(gradient_RD, s.To(residual, type)));
    }

    public void RmsNormBackwardWeight(Tensor dWeight, Tensor dy, Tensor x, Tensor inverseRms, bool accumulate)
    {
        using var s = new AtenScope(x.Engine);
        var type = inverseRms.Type;
        var sum_D = s.SumOfColumns(s.Mul(s.To(dy, type), s.Mul(s.To(x, type), s.Column(inverseRms))));
        NativeTensor.Copy(dWeight, accumulate ? s.Add(dWeight, sum_D) : sum_D);
    }

    public void Rotate(Tensor heads, int numHeads, Tensor cos, Tensor sin, Tensor positions, bool inverse, bool isInterleaved)
    {
        using var s = new AtenScope(heads.Engine);
        var (rows, half, rowStride) = (heads.Size(0), cos.Size(1), heads.Strides[0]);
        var (step, toHigh) = isInterleaved ? (2L, 1L) : (1L, half);
        var low = s.View(heads, [rows, numHeads, half], [rowStride, 2 * half, step]);
        var high = s.View(heads, [rows, numHeads, half], [rowStride, 2 * half, step], toHigh);
        var c = s.View(s.SelectRows(cos, positions), [rows, 1, half], [half, half, 1]);
        var si = s.View(s.SelectRows(sin, positions), [rows, 1, half], [half, half, 1]);
        var (x, y) = (s.To(low, cos.Type), s.To(high, cos.Type));
        var sign = inverse ? -1 : 1;
        var turnedLow = s.Sub(s.Mul(x, c), s.Mul(y, si), sign);
        var turnedHigh = s.Sub(s.Mul(y, c), s.Mul(x, si), -sign);
        NativeTensor.Copy(low, turnedLow);
        NativeTensor.Copy(high, turnedHigh);
    }

    public void SwiGlu(Tensor activation, Tensor gateUp)
    {
        using var s = new AtenScope(gateUp.Engine);
        var (gate, up) = Halves(s, gateUp);
        NativeTensor.Copy(activation, s.Mul(s.Mul(gate, s.Sigmoid(gate)), up));
    }

    public void SwiGluBackward(Tensor dGateUp, Tensor dActivation, Tensor gateUp)
    {
        using var s = new AtenScope(gateUp.Engine);
        var (gate, up) = Halves(s, gateUp);
        var d = s.To(dActivation, gate.Type);
        var sigmoid = s.Sigmoid(gate);
        var silu = s.Mul(gate, sigmoid);
        var slope = s.Add(sigmoid, s.Sub(silu, s.Mul(silu, sigmoid)));
        var (dGate, dUp) = (s.Mul(s.Mul(d, up), slope), s.Mul(d, silu));
        var width = dActivation.Size(1);
        NativeTensor.Copy(s.View(dGateUp, dActivation.Shape, dGateUp.Strides), dGate);
        NativeTensor.Copy(s.View(dGateUp, dActivation.Shape, dGateUp.Strides, width), dUp);
    }

    public void Embed(Tensor y, Tensor table, Tensor ids)
    {
        using var s = new AtenScope(y.Engine);
        var rows_RD = s.SelectRows(table, s.Positive(ids));
        NativeTensor.Copy(y, s.Mul(rows_RD, s.Column(s.IsNotNegative(ids, y.Type))));
    }

    public void EmbedBackward(Tensor dTable, Tensor dy, Tensor ids)
    {
        using var s = new AtenScope(dy.Engine);
        var rows_RD = s.Mul(s.To(dy, dTable.Type), s.Column(s.IsNotNegative(ids, dTable.Type)));
        s.AddRows(dTable, s.Positive(ids), rows_RD);
    }

    public void CrossEntropy(Tensor losses, Tensor logits, Tensor targets, double scale)
    {
        using var s = new AtenScope(logits.Engine);
        var isValid_R1 = s.Column(s.IsNotNegative(targets, logits.Type));
        CopyLosses(s, losses, logits, targets, isValid_R1);
        var gradient_RV = s.Softmax(logits);
        s.AddAt(gradient_RV, s.Positive(targets), s.Mul(isValid_R1, -1));
        NativeTensor.Copy(logits, s.Mul(s.Mul(gradient_RV, isValid_R1), scale));
    }

    public void CrossEntropyLosses(Tensor losses, Tensor logits, Tensor targets)
    {
        using var s = new AtenScope(logits.Engine);
        CopyLosses(s, losses, logits, targets, s.Column(s.IsNotNegative(targets, logits.Type)));
    }

    public void RowMaxima(Tensor maxima, Tensor logits)
    {
        using var s = new AtenScope(logits.Engine);
        NativeTensor.Copy(s.Column(maxima), s.MaxOfRows(logits));
    }

    public void ExponentialSums(Tensor sums, Tensor logits, Tensor maxima, Tensor targets)
    {
        using var s = new AtenScope(logits.Engine);
        var rows = logits.Size(0);
        NativeTensor.Copy(logits, s.Sub(logits, s.To(s.Column(maxima), logits.Type)));
        var isHere_R1 = s.Column(s.IsNotNegative(targets, logits.Type));
        NativeTensor.Copy(s.View(sums, [rows, 1], [1, 1], rows), s.Mul(s.Pick(logits, s.Positive(targets)), isHere_R1));
        NativeTensor.Copy(logits, s.Exp(logits));
        NativeTensor.Copy(s.View(sums, [rows, 1], [1, 1]), s.Mul(s.MeanOfRows(logits), logits.Size(1)));
    }

    public void LossesFromSums(Tensor losses, Tensor sums, Tensor targets)
    {
        using var s = new AtenScope(losses.Engine);
        var rows = losses.Size(0);
        var loss_R = s.Sub(s.Log(s.View(sums, [rows], [1])), s.View(sums, [rows], [1], rows));
        NativeTensor.Copy(losses, s.Mul(loss_R, s.IsCounted(targets, losses.Type)));
    }

    public void GradientFromSums(Tensor logits, Tensor sums, Tensor targets, double scale)
    {
        using var s = new AtenScope(logits.Engine);
        var sum_R1 = s.To(s.View(sums, [logits.Size(0), 1], [1, 1]), logits.Type);
        var counts_R1 = s.Column(s.IsCounted(targets, logits.Type));
        var gradient_RV = s.Mul(s.Div(logits, sum_R1), counts_R1);
        s.AddAt(gradient_RV, s.Positive(targets), s.Mul(s.Column(s.IsNotNegative(targets, logits.Type)), -1));
        NativeTensor.Copy(logits, s.Mul(gradient_RV, scale));
    }

    public void Add(Tensor sum, Tensor addend)
    {
        using var s = new AtenScope(sum.Engine);
        NativeTensor.Copy(sum, s.Add(sum, addend));
    }

    public double SumOfSquares(Tensor x)
    {
        using var s = new AtenScope(x.Engine);
        var x64 = s.To(x, ScalarType.Float64);
        var sum = s.SumOfColumns(s.Column(s.Mul(x64, x64)));
        Span<double> value = stackalloc double[1];
        HostTransfer.Download(value, sum);
        return value[0];
    }

    public void AdamW(Tensor weights, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamWStep step)
    {
        using var s = new AtenScope(weights.Engine);
        var g = s.Mul(gradients, step.GradientScale);
        NativeTensor.Copy(firstMoments, s.Add(s.Mul(firstMoments, step.Beta1), s.Mul(g, 1 - step.Beta1)));
        NativeTensor.Copy(secondMoments, s.Add(s.Mul(secondMoments, step.Beta2), s.Mul(s.Mul(g, g), 1 - step.Beta2)));
        var correction1 = 1 - Math.Pow(step.Beta1, step.Step);
        var correction2 = 1 - Math.Pow(step.Beta2, step.Step);
        var variance = s.Mul(secondMoments, 1 / correction2);
        var root = s.Add(s.Sqrt(variance), step.Eps);
        var update = s.Mul(s.Div(firstMoments, root), step.LearningRate / correction1);
        NativeTensor.Copy(weights, s.Sub(s.Mul(weights, 1 - step.LearningRate * step.WeightDecay), update));
    }

    private static void CopyLosses(AtenScope s, Tensor losses, Tensor logits, Tensor targets, Tensor isValid_R1)
    {
        var picked_R1 = s.Pick(s.LogSoftmax(logits), s.Positive(targets));
        NativeTensor.Copy(s.Column(losses), s.Mul(s.Mul(picked_R1, isValid_R1), -1));
    }

    /// <summary>Gate and up as tensors of their own in the accumulator type.</summary>
    private static (Tensor Gate, Tensor Up) Halves(AtenScope s, Tensor gateUp)
    {
        var (rows, width) = (gateUp.Size(0), gateUp.Size(1) / 2);
        var type = gateUp.Type.Accumulator();
        return (
            s.To(s.View(gateUp, [rows, width], gateUp.Strides), type),
            s.To(s.View(gateUp, [rows, width], gateUp.Strides, width), type));
    }
}
