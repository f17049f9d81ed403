namespace Altiplano.Torch.Kernels;

/// <summary>Fused kernels in C# for fp32 and fp64 on the CPU.</summary>
internal sealed unsafe class CpuRowKernels : IRowKernels
{
    public void NormalizeHeads(Tensor heads, Tensor inverseRms, double eps)
    {
        var (rows, stride, count, size) = (heads.Size(0), heads.Strides[0], (int)heads.Size(1), (int)heads.Size(2));
        if (heads.Type == ScalarType.Float64)
            CpuHeadNorm<double>.Forward(F64(heads), F64(inverseRms), rows, stride, count, size, eps);
        else
            CpuHeadNorm<float>.Forward(F32(heads), F32(inverseRms), rows, stride, count, size, eps);
    }

    public void NormalizeHeadsBackward(Tensor dHeads, Tensor heads, Tensor inverseRms)
    {
        var (rows, stride, count, size) = (heads.Size(0), heads.Strides[0], (int)heads.Size(1), (int)heads.Size(2));
        if (heads.Type == ScalarType.Float64)
            CpuHeadNorm<double>.Backward(F64(dHeads), F64(heads), F64(inverseRms), rows, stride, count, size);
        else
            CpuHeadNorm<float>.Backward(F32(dHeads), F32(heads), F32(inverseRms), rows, stride, count, size);
    }

    public void ScaleRows(Tensor y, Tensor x, Tensor factors, Tensor ids)
    {
        var (rows, width) = (x.Size(0), (int)x.Size(1));
        if (x.Type == ScalarType.Float64)
            CpuRows<double>.Scale(F64(y), y.Strides[0], F64(x), x.Strides[0], F64(factors), I64(ids), rows, width);
        else
            CpuRows<float>.Scale(F32(y), y.Strides[0], F32(x), x.Strides[0], F32(factors), I64(ids), rows, width);
    }

    public void RowDots(Tensor dots, Tensor a, Tensor b)
    {
        var (rows, width) = (a.Size(0), (int)a.Size(1));
        if (a.Type == ScalarType.Float64)
            CpuRows<double>.Dots(F64(dots), F64(a), F64(b), rows, width);
        else
            CpuRows<float>.Dots(F32(dots), F32(a), F32(b), rows, width);
    }

    public void RouterScores(Tensor scores, Tensor logits, Tensor experts) => CpuRouting.Scores(scores, logits, experts);

    public void RouterScoresBackward(Tensor dLogits, Tensor dScores, Tensor scores, Tensor experts) =>
        CpuRouting.ScoresBackward(dLogits, dScores, scores, experts);

    private static float* F32(Tensor tensor) => Memory.Of<float>(tensor);

    private static double* F64(Tensor tensor) => Memory.Of<double>(tensor);

    private static long* I64(Tensor tensor) => Memory.Of<long>(tensor);
}
