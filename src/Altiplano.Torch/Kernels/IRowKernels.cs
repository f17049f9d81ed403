namespace Altiplano.Torch.Kernels;

/// <summary>What a mixture of experts and Llama 4's attention do to rows and heads; operands were checked by the operators that call them.</summary>
/// <remarks>Shapes and formulas stand with the operators of the same names in <see cref="Operators"/>; heads come as [R, n, H].</remarks>
internal interface IRowKernels
{
    void NormalizeHeads(Tensor heads, Tensor inverseRms, double eps);

    void NormalizeHeadsBackward(Tensor dHeads, Tensor heads, Tensor inverseRms);

    void ScaleRows(Tensor y, Tensor x, Tensor factors, Tensor ids);

    void RowDots(Tensor dots, Tensor a, Tensor b);

    void RouterScores(Tensor scores, Tensor logits, Tensor experts);

    void RouterScoresBackward(Tensor dLogits, Tensor dScores, Tensor scores, Tensor experts);
}
