using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>The elementwise and reducing parts of a training step; operands were checked by the operators that call them.</summary>
/// <remarks>Shapes and formulas stand with the operators of the same names in <see cref="Operators"/>.</remarks>
internal interface IKernels
{
    void RmsNorm(Tensor y, Tensor inverseRms, Tensor x, Tensor weight, double eps);

    void RmsNormBackwardInput(Tensor dx, Tensor dy, Tensor x, Tensor weight, Tensor inverseRms, Tensor? residual);

    void RmsNormBackwardWeight(Tensor dWeight, Tensor dy, Tensor x, Tensor inverseRms, bool accumulate);

    void Rotate(Tensor heads, int numHeads, Tensor cos, Tensor sin, Tensor positions, bool inverse, bool isInterleaved);

    void SwiGlu(Tensor activation, Tensor gateUp);

    void SwiGluBackward(Tensor dGateUp, Tensor dActivation, Tensor gateUp);

    void Embed(Tensor y, Tensor table, Tensor ids);

    void EmbedBackward(Tensor dTable, Tensor dy, Tensor ids);

    void CrossEntropy(Tensor losses, Tensor logits, Tensor targets, double scale);

    void CrossEntropyLosses(Tensor losses, Tensor logits, Tensor targets);

    void RowMaxima(Tensor maxima, Tensor logits);

    void ExponentialSums(Tensor sums, Tensor logits, Tensor maxima, Tensor targets);

    void LossesFromSums(Tensor losses, Tensor sums, Tensor targets);

    void GradientFromSums(Tensor logits, Tensor sums, Tensor targets, double scale);

    void Add(Tensor sum, Tensor addend);

    double SumOfSquares(Tensor x);

    void AdamW(Tensor weights, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamWStep step);
}
