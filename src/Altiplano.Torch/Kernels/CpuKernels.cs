using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Fused kernels in C# for fp32 and fp64 on the CPU; what each gains is measured in <c>bench/</c>.</summary>
internal sealed unsafe class CpuKernels : IKernels
{
    public void RmsNorm(Tensor y, Tensor inverseRms, Tensor x, Tensor weight, double eps)
    {
        var (rows, width) = (x.Size(0), (int)x.Size(1));
        if (x.Type == ScalarType.Float64)
            CpuNorm<double>.Forward(F64(y), F64(inverseRms), F64(x), F64(weight), rows, width, eps);
        else
            CpuNorm<float>.Forward(F32(y), F32(inverseRms), F32(x), F32(weight), rows, width, eps);
    }

    public void RmsNormBackwardInput(Tensor dx, Tensor dy, Tensor x, Tensor weight, Tensor inverseRms, Tensor? residual)
    {
        var (rows, width) = (x.Size(0), (int)x.Size(1));
        if (x.Type == ScalarType.Float64)
        {
            CpuNorm<double>.BackwardInput(
                F64(dx), F64(dy), F64(x), F64(weight), F64(inverseRms), residual is null ? null : F64(residual), rows, width);
        }
        else
        {
            CpuNorm<float>.BackwardInput(
                F32(dx), F32(dy), F32(x), F32(weight), F32(inverseRms), residual is null ? null : F32(residual), rows, width);
        }
    }

    public void RmsNormBackwardWeight(Tensor dWeight, Tensor dy, Tensor x, Tensor inverseRms, bool accumulate)
    {
        var (rows, width) = (x.Size(0), (int)x.Size(1));
        if (x.Type == ScalarType.Float64)
            CpuNorm<double>.BackwardWeight(F64(dWeight), F64(dy), F64(x), F64(inverseRms), accumulate, rows, width);
        else
            CpuNorm<float>.BackwardWeight(F32(dWeight), F32(dy), F32(x), F32(inverseRms), accumulate, rows, width);
    }

    public void Rotate(Tensor heads, int numHeads, Tensor cos, Tensor sin, Tensor positions, bool inverse, bool isInterleaved)
    {
        var (rows, width, half) = (heads.Size(0), heads.Size(1), (int)cos.Size(1));
        if (heads.Type == ScalarType.Float64)
            CpuRotary<double>.Run(F64(heads), rows, width, numHeads, half, F64(cos), F64(sin), I64(positions), inverse, isInterleaved);
        else
            CpuRotary<float>.Run(F32(heads), rows, width, numHeads, half, F32(cos), F32(sin), I64(positions), inverse, isInterleaved);
    }

    public void SwiGlu(Tensor activation, Tensor gateUp)
    {
        var (rows, width) = (activation.Size(0), (int)activation.Size(1));
        if (gateUp.Type == ScalarType.Float64)
            CpuSwiGlu<double>.Forward(F64(activation), F64(gateUp), rows, width);
        else
            CpuSwiGlu<float>.Forward(F32(activation), F32(gateUp), rows, width);
    }

    public void SwiGluBackward(Tensor dGateUp, Tensor dActivation, Tensor gateUp)
    {
        var (rows, width) = (dActivation.Size(0), (int)dActivation.Size(1));
        if (gateUp.Type == ScalarType.Float64)
            CpuSwiGlu<double>.Backward(F64(dGateUp), F64(dActivation), F64(gateUp), rows, width);
        else
            CpuSwiGlu<float>.Backward(F32(dGateUp), F32(dActivation), F32(gateUp), rows, width);
    }

    public void Embed(Tensor y, Tensor table, Tensor ids)
    {
        var (rows, width) = (y.Size(0), (int)y.Size(1));
        if (y.Type == ScalarType.Float64)
            CpuEmbedding<double>.Forward(F64(y), F64(table), I64(ids), rows, width);
        else
            CpuEmbedding<float>.Forward(F32(y), F32(table), I64(ids), rows, width);
    }

    public void EmbedBackward(Tensor dTable, Tensor dy, Tensor ids)
    {
        var (rows, width) = (dy.Size(0), (int)dy.Size(1));
        if (dy.Type == ScalarType.Float64)
            CpuEmbedding<double>.Backward(F64(dTable), F64(dy), I64(ids), rows, width);
        else
            CpuEmbedding<float>.Backward(F32(dTable), F32(dy), I64(ids), rows, width);
    }

    public void CrossEntropy(Tensor losses, Tensor logits, Tensor targets, double scale)
    {
        var (rows, width) = (logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            CpuCrossEntropy<double>.WithGradient(F64(losses), F64(logits), I64(targets), rows, width, scale);
        else
            CpuCrossEntropy<float>.WithGradient(F64(losses), F32(logits), I64(targets), rows, width, scale);
    }

    public void CrossEntropyLosses(Tensor losses, Tensor logits, Tensor targets)
    {
        var (rows, width) = (logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            CpuCrossEntropy<double>.LossesOnly(F64(losses), F64(logits), I64(targets), rows, width);
        else
            CpuCrossEntropy<float>.LossesOnly(F64(losses), F32(logits), I64(targets), rows, width);
    }

    public void RowMaxima(Tensor maxima, Tensor logits)
    {
        var (rows, width) = (logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            CpuCrossEntropyParts<double>.Maxima(F64(maxima), F64(logits), rows, width);
        else
            CpuCrossEntropyParts<float>.Maxima(F64(maxima), F32(logits), rows, width);
    }

    public void ExponentialSums(Tensor sums, Tensor logits, Tensor maxima, Tensor targets)
    {
        var (rows, width) = (logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            CpuCrossEntropyParts<double>.Sums(F64(sums), F64(logits), F64(maxima), I64(targets), rows, width);
        else
            CpuCrossEntropyParts<float>.Sums(F64(sums), F32(logits), F64(maxima), I64(targets), rows, width);
    }

    public void LossesFromSums(Tensor losses, Tensor sums, Tensor targets) =>
        CpuCrossEntropyParts<double>.Losses(F64(losses), F64(sums), I64(targets), losses.Size(0));

    public void GradientFromSums(Tensor logits, Tensor sums, Tensor targets, double scale)
    {
        var (rows, width) = (logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            CpuCrossEntropyParts<double>.Gradient(F64(logits), F64(sums), I64(targets), rows, width, scale);
        else
            CpuCrossEntropyParts<float>.Gradient(F32(logits), F64(sums), I64(targets), rows, width, scale);
    }

    public void Add(Tensor sum, Tensor addend)
    {
        if (sum.Type == ScalarType.Float64)
            CpuSum<double>.Add(F64(sum), F64(addend), sum.NumElements);
        else
            CpuSum<float>.Add(F32(sum), F32(addend), sum.NumElements);
    }

    public double SumOfSquares(Tensor x) => x.Type == ScalarType.Float64
        ? CpuOptimizer<double>.SumOfSquares(F64(x), x.NumElements)
        : CpuOptimizer<float>.SumOfSquares(F32(x), x.NumElements);

    public void AdamW(Tensor weights, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamWStep step)
    {
        var count = weights.NumElements;
        if (weights.Type == ScalarType.Float64)
            CpuOptimizer<double>.AdamW(F64(weights), F64(gradients), F64(firstMoments), F64(secondMoments), count, step);
        else
            CpuOptimizer<float>.AdamW(F32(weights), F32(gradients), F32(firstMoments), F32(secondMoments), count, step);
    }

    private static float* F32(Tensor tensor) => Memory.Of<float>(tensor);

    private static double* F64(Tensor tensor) => Memory.Of<double>(tensor);

    private static long* I64(Tensor tensor) => Memory.Of<long>(tensor);
}
