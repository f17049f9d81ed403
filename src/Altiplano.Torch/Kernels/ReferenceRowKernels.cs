using Altiplano.Torch.Native;

namespace Altiplano.Torch.Kernels;

/// <summary>The same as formulas of plain libtorch operators: what the fused kernels must agree with, and what bf16 runs on.</summary>
internal sealed class ReferenceRowKernels : IRowKernels
{
    public void NormalizeHeads(Tensor heads, Tensor inverseRms, double eps)
    {
        using var s = new AtenScope(heads.Engine);
        var x_RNH = s.To(heads, inverseRms.Type);
        var r_RN1 = s.Rsqrt(s.Add(s.MeanOfRows(s.Mul(x_RNH, x_RNH)), eps));
        NativeTensor.Copy(inverseRms, s.View(r_RN1, inverseRms.Shape, inverseRms.Strides));
        NativeTensor.Copy(heads, s.Mul(x_RNH, r_RN1));
    }

    public void NormalizeHeadsBackward(Tensor dHeads, Tensor heads, Tensor inverseRms)
    {
        using var s = new AtenScope(heads.Engine);
        var (dy_RNH, y_RNH) = (s.To(dHeads, inverseRms.Type), s.To(heads, inverseRms.Type));
        var r_RN1 = s.View(inverseRms, [inverseRms.Size(0), inverseRms.Size(1), 1], [inverseRms.Size(1), 1, 1]);
        var pull_RNH = s.Mul(y_RNH, s.MeanOfRows(s.Mul(dy_RNH, y_RNH)));
        NativeTensor.Copy(dHeads, s.Mul(s.Sub(dy_RNH, pull_RNH), r_RN1));
    }

    public void ScaleRows(Tensor y, Tensor x, Tensor factors, Tensor ids)
    {
        using var s = new AtenScope(x.Engine);
        NativeTensor.Copy(y, s.Mul(s.To(x, factors.Type), s.SelectRows(s.Column(factors), ids)));
    }

    public void RowDots(Tensor dots, Tensor a, Tensor b)
    {
        using var s = new AtenScope(a.Engine);
        var products_RD = s.Mul(s.To(a, dots.Type), s.To(b, dots.Type));
        NativeTensor.Copy(s.Column(dots), s.Mul(s.MeanOfRows(products_RD), a.Size(1)));
    }

    public void RouterScores(Tensor scores, Tensor logits, Tensor experts)
    {
        using var s = new AtenScope(logits.Engine);
        for (var choice = 0L; choice < experts.Size(0); choice++)
        {
            var chosen_R1 = s.Pick(logits, Choice(s, experts, choice));
            NativeTensor.Copy(s.Column(Choice(s, scores, choice)), s.Sigmoid(chosen_R1));
        }
    }

    public void RouterScoresBackward(Tensor dLogits, Tensor dScores, Tensor scores, Tensor experts)
    {
        using var s = new AtenScope(dLogits.Engine);
        NativeTensor.Zero(dLogits);
        for (var choice = 0L; choice < experts.Size(0); choice++)
        {
            var score_R = Choice(s, scores, choice);
            var slope_R = s.Sub(score_R, s.Mul(score_R, score_R));
            s.AddAt(dLogits, Choice(s, experts, choice), s.Column(s.Mul(Choice(s, dScores, choice), slope_R)));
        }
    }

    /// <summary>One choice of every row, of [K, R].</summary>
    private static Tensor Choice(AtenScope s, Tensor choices, long choice) =>
        s.View(choices, [choices.Size(1)], [1], choice * choices.Size(1));
}
