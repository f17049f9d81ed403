using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

/// <summary>Each fused kernel against the same operator made of plain libtorch calls.</summary>
public sealed class KernelTests
{
    private readonly KernelPair _pair = new();

    /// <summary>Widths on both sides of vectors of 4 and 8 lanes and of pairs of them; rows on both sides of a thread's share.</summary>
    public static TheoryData<ScalarType, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<ScalarType, int, int>();
            foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
            {
                foreach (var (rows, width) in new[] { (1, 1), (3, 7), (5, 8), (2, 13), (7, 16), (67, 33), (300, 129), (1025, 66) })
                    sizes.Add(type, rows, width);
            }

            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RmsNorm_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (x, w) = (data.Of(rows, width), data.Of(width));
        var (y, inverse) = (data.Empty(rows, width), data.Empty(rows));
        engine.RmsNorm(y, inverse, x, w, 1e-5);
        return [y, inverse];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RmsNormBackward_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (x, w, dy, residual) = (data.Of(rows, width), data.Of(width), data.Of(rows, width), data.Of(rows, width));
        var (y, inverse) = (data.Empty(rows, width), data.Empty(rows));
        engine.RmsNorm(y, inverse, x, w, 1e-5);
        var (dx, dxAlone, dw, dwMore) = (data.Empty(rows, width), data.Empty(rows, width), data.Empty(width), data.Of(width));
        engine.RmsNormBackwardInput(dx, dy, x, w, inverse, residual);
        engine.RmsNormBackwardInput(dxAlone, dy, x, w, inverse, null);
        engine.RmsNormBackwardWeight(dw, dy, x, inverse, accumulate: false);
        engine.RmsNormBackwardWeight(dwMore, dy, x, inverse, accumulate: true);
        return [dx, dxAlone, dw, dwMore];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SwiGlu_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (gateUp, dActivation) = (data.Of(rows, 2 * width), data.Of(rows, width));
        var (activation, dGateUp) = (data.Empty(rows, width), data.Empty(rows, 2 * width));
        engine.SwiGlu(activation, gateUp);
        engine.SwiGluBackward(dGateUp, dActivation, gateUp);
        return [activation, dGateUp];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Rotate_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        const int Heads = 3, Positions = 9;
        var (cos, sin) = (data.Of(Positions, width), data.Of(Positions, width));
        var positions = data.Ids(rows, Positions);
        var (there, back) = (data.Of(rows, Heads * 2 * width + 5), data.Of(rows, Heads * 2 * width + 5));
        engine.Rotate(there, Heads, cos, sin, positions, inverse: false);
        engine.Rotate(back, Heads, cos, sin, positions, inverse: true);
        return [there, back];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Embedding_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        const int Words = 11;
        var (table, ids, dy) = (data.Of(Words, width), data.Ids(rows, Words, ignoredEvery: 5), data.Of(rows, width));
        var (y, dTable) = (data.Empty(rows, width), data.Of(Words, width));
        engine.Embed(y, table, ids);
        engine.EmbedBackward(dTable, dy, ids);
        return [y, dTable];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void CrossEntropy_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var logits = data.Of(rows, width);
        var targets = data.Ids(rows, width, ignoredEvery: 4);
        var (losses, lossesOnly) = (data.EmptyF64(rows), data.EmptyF64(rows));
        engine.CrossEntropyLosses(lossesOnly, logits, targets);
        engine.CrossEntropy(losses, logits, targets, 1.0 / rows);
        return [losses, lossesOnly, logits];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void PartialCrossEntropy_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (logits, onlyHere) = (data.Of(rows, width), data.Of(rows, width));
        var targets = data.Ids(rows, width, ignoredEvery: 4);
        var (maxima, sums, losses) = (data.EmptyF64(rows), data.EmptyF64(2 * rows), data.EmptyF64(rows));
        using var sums_2R = sums.Reshape(2, rows);
        engine.RowMaxima(maxima, logits);
        engine.ExponentialSums(sums_2R, logits, maxima, targets);
        engine.LossesFromSums(losses, sums_2R, targets);
        engine.GradientFromSums(logits, sums_2R, targets, 1.0 / rows);
        engine.Add(onlyHere, logits);
        return [maxima, sums, losses, logits, onlyHere];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void AdamW_AnySize_IsThePlainForm(ScalarType type, int rows, int width) => _pair.Compare(type, [rows, width], (engine, data) =>
    {
        var (w, g, m, v) = (data.Of(rows * width), data.Of(rows * width), data.Of(rows * width), data.Empty(rows * width));
        engine.Zero(v);
        for (var step = 1; step <= 3; step++)
            engine.AdamW(w, g, m, v, new AdamWStep(step, 1e-2, 0.9, 0.95, 1e-8, 0.1, 0.7));
        return [w, m, v];
    });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SumOfSquares_AnySize_IsThePlainForm(ScalarType type, int rows, int width)
    {
        double? expected = null;
        foreach (var engine in _pair.Engines)
        {
            using var data = new KernelOperands(engine, type, seed: rows * 1000 + width);
            var sum = engine.SumOfSquares(data.Of(rows * width));
            expected ??= sum;
            sum.ShouldBe(expected.Value, expected.Value * (type == ScalarType.Float64 ? 1e-13 : 1e-6));
        }
    }

    /// <summary>Large logits overflow an exponential that is taken before the maximum is subtracted.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void CrossEntropy_HugeLogits_StaysFinite(ScalarType type) => _pair.Compare(type, [4, 19], (engine, data) =>
    {
        var logits = data.Of(scale: 300, 4, 19);
        var losses = data.EmptyF64(4);
        engine.CrossEntropy(losses, logits, data.Ids(4, 19), 1);
        HostValues.Read(engine, losses).ShouldAllBe(loss => double.IsFinite(loss));
        return [losses, logits];
    });
}
