using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

/// <summary>What mixtures and Llama 4's attention need: each fused kernel against plain libtorch calls.</summary>
public sealed class RowKernelTests
{
    private readonly KernelPair _pair = new();

    public static TheoryData<ScalarType, int, int> Sizes => KernelTests.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RotateNeighbours_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        const int Heads = 3, Positions = 9;
        var (cos, sin) = (data.Of(Positions, width), data.Of(Positions, width));
        var positions = data.Ids(rows, Positions);
        var (there, back) = (data.Of(rows, Heads * 2 * width + 5), data.Of(rows, Heads * 2 * width + 5));
        engine.Rotate(there, Heads, cos, sin, positions, inverse: false, isInterleaved: true);
        engine.Rotate(back, Heads, cos, sin, positions, inverse: true, isInterleaved: true);
        return [there, back];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void NormalizeHeads_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        const int Heads = 3;
        var (heads, dHeads, inverse) = (data.Of(rows, Heads * width + 5), data.Of(rows, Heads * width + 5), data.Empty(rows, Heads));
        engine.NormalizeHeads(heads, inverse, width, 1e-5);
        engine.NormalizeHeadsBackward(dHeads, heads, inverse, width);
        return [heads, inverse, dHeads];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RowOperators_AnySize_ArePlainForms(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        const int Source = 7;
        var (x, wide, factors) = (data.Of(Source, width), data.Of(rows, width + 3), data.Of(Source));
        var (gathered, scaled, dots) = (data.Empty(rows, width), data.Empty(rows, width), data.Empty(rows));
        using var columns = wide.Columns(1, width);
        engine.GatherRows(gathered, x, data.Ids(rows, Source, ignoredEvery: 4));
        engine.ScaleRows(scaled, columns, factors, data.Ids(rows, Source));
        engine.ScaleRows(columns, columns, factors, data.Ids(rows, Source));
        engine.RowDots(dots, gathered, scaled);
        return [gathered, scaled, wide, dots];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RouterScores_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (logits, choices) = (data.Of(rows, width), Math.Min(2, width));
        using var experts = engine.Empty(ScalarType.Int64, choices, rows);
        var (scores, dScores, dLogits) = (data.Empty(choices, rows), data.Of(choices, rows), data.Empty(rows, width));
        engine.TopExperts(experts, logits);
        engine.RouterScores(scores, logits, experts);
        engine.RouterScoresBackward(dLogits, dScores, scores, experts);
        return [scores, dLogits];
    });

    [Fact]
    public void GatherRows_NoSource_GivesZeros() => _pair.Compare(ScalarType.Float64, [3], (engine, data) =>
    {
        var y = data.Of(3, 4);
        using var ids = engine.Upload<long>(ScalarType.Int64, [-1, -1, -1], 3);
        engine.GatherRows(y, data.Empty(0, 4), ids);
        HostValues.Read(engine, y).ShouldAllBe(value => value == 0);
        return [y];
    });

    /// <summary>Of equal logits the first expert, so that ranks and runs agree.</summary>
    [Fact]
    public void TopExperts_Ties_TakeTheFirst()
    {
        var engine = _pair.Engines[1];
        using var logits = engine.Upload<double>(ScalarType.Float64, [1, 3, 3, 2, 0, 0, 0, 0, 5, 4, 5, 6], 3, 4);
        using var experts = engine.Empty(ScalarType.Int64, 2, 3);

        engine.TopExperts(experts, logits);

        var chosen = new long[6];
        engine.Download<long>(chosen, experts);
        chosen.ShouldBe([1, 0, 3, 2, 1, 0]);
    }

    /// <summary>Against a product for each group, with an empty group first, between and last.</summary>
    [Theory]
    [InlineData(ScalarType.Float64, 1e-14)]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.1)]
    public void GroupedMatMul_UnevenGroups_IsAProductEach(ScalarType type, double tolerance)
    {
        const int K = 6, N = 5;
        long[] counts = [0, 4, 0, 1, 3, 0];
        var engine = _pair.Engines[1];
        double[] Numbers(int count, double frequency) => [.. Enumerable.Range(0, count).Select(i => Math.Round(8 * Math.Sin(frequency * i)) / 8)];
        var (x, w, dy, start) = (Numbers(8 * K, 0.7), Numbers(6 * K * N, 1.1), Numbers(8 * N, 1.7), Numbers(6 * K * N, 2.3));
        using var exact = new Disposables();
        Tensor Of(ScalarType of, double[] values, params ReadOnlySpan<long> shape)
        {
            var tensor = exact.Add(engine.Empty(of, shape));
            engine.Copy(tensor, exact.Add(engine.Upload<double>(ScalarType.Float64, values, shape)));
            return tensor;
        }

        var sums = type.Accumulator();
        var (x_RK, w_EKN, dy_RN) = (Of(type, x, 8, K), Of(type, w, 6, K, N), Of(type, dy, 8, N));
        var (y_RN, dx_RK, dw_EKN, more_EKN) = (Of(type, new double[8 * N], 8, N), Of(type, new double[8 * K], 8, K), Of(sums, start, 6, K, N), Of(sums, start, 6, K, N));
        engine.GroupedMatMul(y_RN, x_RK, w_EKN, counts);
        engine.GroupedMatMul(dx_RK, dy_RN, w_EKN, counts, transposeW: true);
        engine.GroupedMatMulWeight(dw_EKN, x_RK, dy_RN, counts, accumulate: false);
        engine.GroupedMatMulWeight(more_EKN, x_RK, dy_RN, counts, accumulate: true);

        int[] groupOf = [1, 1, 1, 1, 3, 4, 4, 4];
        var (y, dx, dw) = (new double[8 * N], new double[8 * K], new double[6 * K * N]);
        for (var row = 0; row < 8; row++)
        {
            for (var place = 0; place < K * N; place++)
            {
                var (k, n, inW) = (place / N, place % N, groupOf[row] * K * N + place);
                y[row * N + n] += x[row * K + k] * w[inW];
                dx[row * K + k] += dy[row * N + n] * w[inW];
                dw[inW] += x[row * K + k] * dy[row * N + n];
            }
        }

        HostValues.Read(engine, y_RN).ShouldBe(y, tolerance);
        HostValues.Read(engine, dx_RK).ShouldBe(dx, tolerance);
        HostValues.Read(engine, dw_EKN).ShouldBe(dw, tolerance);
        HostValues.Read(engine, more_EKN).ShouldBe(dw.Zip(start, (a, b) => a + b), tolerance);
    }

    private sealed class Disposables : IDisposable
    {
        private readonly List<Tensor> _tensors = [];

        public Tensor Add(Tensor tensor)
        {
            _tensors.Add(tensor);
            return tensor;
        }

        public void Dispose() => _tensors.ForEach(tensor => tensor.Dispose());
    }
}
