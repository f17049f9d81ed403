using Altiplano.Torch.Native;

namespace Altiplano.Torch.Operators;

/// <summary>Products of groups of rows, each with a matrix of its own: the experts of a mixture.</summary>
/// <remarks>On the CPU one product a group, as libtorch's own grouped product does it: as fast, and in fp64 too.</remarks>
public static class GroupedOperators
{
    /// <summary>y = x W of each group, or x Wᵀ.</summary>
    /// <param name="y">[R, N].</param>
    /// <param name="x">[R, K], the rows of the first group first.</param>
    /// <param name="w">[E, K, N], or [E, N, K] when transposed.</param>
    /// <param name="counts">Rows of each group.</param>
    /// <exception cref="ShapeException">Sizes, types or counts do not fit.</exception>
    public static void GroupedMatMul(
        this Engine engine, Tensor y, Tensor x, Tensor w, IReadOnlyList<long> counts, bool transposeW = false)
    {
        CheckGroups(x, w, counts);
        var (inner, width) = transposeW ? (w.Size(2), w.Size(1)) : (w.Size(1), w.Size(2));
        Expect.Is(x, w.Type, [x.Size(0), inner]);
        Expect.Dense(y, x.Type, [x.Size(0), width]);
        using var call = engine.Begin("grouped_mm", 2.0 * x.NumElements * width, x.NumBytes + w.NumBytes + y.NumBytes);
        if (call.IsShapeOnly)
            return;
        ForEachGroup(w, counts, (matrix, start, count) =>
        {
            using var rows = x.Rows(start, count);
            using var result = y.Rows(start, count);
            MatrixOperators.Multiply(engine, result, rows, matrix, transposeB: transposeW);
        });
    }

    /// <summary>dW = xᵀ dy of each group.</summary>
    /// <param name="dw">[E, K, N] in the operands' type, or their accumulator type.</param>
    /// <param name="x">[R, K].</param>
    /// <param name="dy">[R, N].</param>
    /// <param name="accumulate">Adds to what <paramref name="dw"/> holds.</param>
    /// <exception cref="ShapeException">Sizes, types or counts do not fit.</exception>
    public static void GroupedMatMulWeight(
        this Engine engine, Tensor dw, Tensor x, Tensor dy, IReadOnlyList<long> counts, bool accumulate)
    {
        CheckGroups(x, dw, counts);
        Expect.Is(x, x.Type, [dy.Size(0), dw.Size(1)]);
        Expect.Is(dy, x.Type, [x.Size(0), dw.Size(2)]);
        if (dw.Type != x.Type && dw.Type != x.Type.Accumulator())
            Expect.Fail(nameof(GroupedMatMulWeight), $"{dw} cannot hold products of {x}");
        using var call = engine.Begin(
            "grouped_mm_weight", 2.0 * x.NumElements * dy.Size(1), x.NumBytes + dy.NumBytes + dw.NumBytes * (accumulate ? 2 : 1));
        if (call.IsShapeOnly)
            return;
        if (!accumulate && counts.Contains(0))
            NativeTensor.Zero(dw);
        ForEachGroup(dw, counts, (matrix, start, count) =>
        {
            using var rows = x.Rows(start, count);
            using var gradient = dy.Rows(start, count);
            MatrixOperators.Multiply(engine, matrix, rows, gradient, transposeA: true, accumulate: accumulate);
        });
    }

    /// <summary>Runs the body on the matrix, first row and rows of each group that has any.</summary>
    private static void ForEachGroup(Tensor matrices, IReadOnlyList<long> counts, Action<Tensor, long, long> body)
    {
        var (rows, columns) = (matrices.Size(1), matrices.Size(2));
        var start = 0L;
        for (var group = 0; group < counts.Count; group++)
        {
            if (counts[group] == 0)
                continue;
            using var matrix = matrices.View([rows, columns], [columns, 1], group * rows * columns);
            body(matrix, start, counts[group]);
            start += counts[group];
        }
    }

    private static void CheckGroups(Tensor x, Tensor matrices, IReadOnlyList<long> counts)
    {
        const string Operation = "grouped_mm";
        Expect.Rank(x, 2, operation: Operation);
        Expect.Rank(matrices, 3, operation: Operation);
        Expect.Contiguous(matrices, operation: Operation);
        if (counts.Count != matrices.Size(0) || counts.Any(count => count < 0) || counts.Sum() != x.Size(0))
            Expect.Fail(Operation, $"counts are {string.Join(", ", counts)} for the {x.Size(0)} rows of {x} and the matrices of {matrices}");
    }
}
