using System.Numerics;

namespace Altiplano.Torch.Kernels;

/// <summary>Choice and scores of experts; logits are a thousandth of a layer's work, so one thread does it.</summary>
internal static unsafe class CpuRouting
{
    public static void TopExperts(Tensor experts, Tensor logits)
    {
        var (choices, rows, width) = ((int)experts.Size(0), logits.Size(0), (int)logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            Choose(Memory.Of<long>(experts), Memory.Of<double>(logits), choices, rows, width);
        else
            Choose(Memory.Of<long>(experts), Memory.Of<float>(logits), choices, rows, width);
    }

    public static void Scores(Tensor scores, Tensor logits, Tensor experts)
    {
        var (choices, rows, width) = (experts.Size(0), logits.Size(0), logits.Size(1));
        if (logits.Type == ScalarType.Float64)
            Score(Memory.Of<double>(scores), Memory.Of<double>(logits), Memory.Of<long>(experts), choices, rows, width);
        else
            Score(Memory.Of<float>(scores), Memory.Of<float>(logits), Memory.Of<long>(experts), choices, rows, width);
    }

    public static void ScoresBackward(Tensor dLogits, Tensor dScores, Tensor scores, Tensor experts)
    {
        var (count, rows, width) = (experts.NumElements, dLogits.Size(0), dLogits.Size(1));
        if (dLogits.Type == ScalarType.Float64)
            Unscore(Memory.Of<double>(dLogits), Memory.Of<double>(dScores), Memory.Of<double>(scores), Memory.Of<long>(experts), count, rows, width);
        else
            Unscore(Memory.Of<float>(dLogits), Memory.Of<float>(dScores), Memory.Of<float>(scores), Memory.Of<long>(experts), count, rows, width);
    }

    private static void Choose<T>(long* experts, T* logits, int choices, long rows, int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var row = 0L; row < rows; row++)
        {
            for (var choice = 0; choice < choices; choice++)
                experts[choice * rows + row] = LargestLeft(experts + row, choice, rows, logits + row * width, width);
        }
    }

    /// <summary>The first of the largest logits that no earlier choice took.</summary>
    private static int LargestLeft<T>(long* taken, int numTaken, long stride, T* logits, int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var best = -1;
        for (var expert = 0; expert < width; expert++)
        {
            if ((best < 0 || logits[expert] > logits[best]) && !IsTaken(taken, numTaken, stride, expert))
                best = expert;
        }

        return best;
    }

    private static bool IsTaken(long* taken, int numTaken, long stride, int expert)
    {
        for (var i = 0; i < numTaken; i++)
        {
            if (taken[i * stride] == expert)
                return true;
        }

        return false;
    }

    private static void Score<T>(T* scores, T* logits, long* experts, long choices, long rows, long width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0L; i < choices * rows; i++)
            scores[i] = T.One / (T.One + T.Exp(-logits[i % rows * width + experts[i]]));
    }

    private static void Unscore<T>(T* dLogits, T* dScores, T* scores, long* experts, long count, long rows, long width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0L; i < rows * width; i++)
            dLogits[i] = T.Zero;
        for (var i = 0L; i < count; i++)
            dLogits[i % rows * width + experts[i]] = dScores[i] * scores[i] * (T.One - scores[i]);
    }
}
