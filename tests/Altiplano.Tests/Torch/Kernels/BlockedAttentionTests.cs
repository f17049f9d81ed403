using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests.Torch.Kernels;

public sealed class BlockedAttentionTests
{
    private const double Tolerance = 3e-5;

    public static TheoryData<int, int, int, long[]> Shapes => new()
    {
        { 2, 2, 48, [64] },
        { 6, 6, 48, [1, 31, 32, 33, 63, 64, 65, 200] },
        { 8, 2, 64, [100, 100, 257] },
        { 4, 1, 8, [5, 97] },
        { 3, 3, 128, [130] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_OfDocuments_EqualsPlainLibtorch(int heads, int kvHeads, int headDim, long[] lengths)
    {
        Libtorch.Load();
        var expected = Run(new Engine(Device.Cpu, useFusedKernels: false), heads, kvHeads, headDim, lengths);
        var actual = Run(new Engine(Device.Cpu), heads, kvHeads, headDim, lengths);
        foreach (var (name, values) in expected)
            Largest(actual[name], values).ShouldBeLessThan(Tolerance, name);
    }

    /// <summary>Length of the queries, keys that all of them see, whether they see their own too, and whether something was there before.</summary>
    [Theory]
    [InlineData(40, 0, true, false)]
    [InlineData(40, 1, true, false)]
    [InlineData(33, 100, true, false)]
    [InlineData(64, 64, false, true)]
    [InlineData(70, 37, false, true)]
    [InlineData(1, 129, false, true)]
    public void KeyedAttention_OfAPiece_EqualsPlainLibtorch(int queries, int before, bool isCausal, bool accumulate)
    {
        Libtorch.Load();
        var piece = new QueryPiece(0, queries, 3, before + (isCausal ? queries : 0), isCausal);
        var expected = RunKeyed(new Engine(Device.Cpu, useFusedKernels: false), piece, accumulate);
        var actual = RunKeyed(new Engine(Device.Cpu), piece, accumulate);
        foreach (var (name, values) in expected)
            Largest(actual[name], values).ShouldBeLessThan(Tolerance, name);
    }

    [Fact]
    public void Attention_OfLargeScores_StaysFinite()
    {
        Libtorch.Load();
        var values = Run(new Engine(Device.Cpu), 2, 2, 16, [70], factor: 60);
        values.ShouldAllBe(pair => pair.Value.All(double.IsFinite));
    }

    /// <summary>The same for one piece of queries and keys of their own, some of which are before and behind the piece's.</summary>
    private static Dictionary<string, double[]> RunKeyed(Engine engine, QueryPiece piece, bool accumulate)
    {
        var keys = piece.KeyStart + piece.KeyLength + 2;
        using var q = Random(engine, 1, 1, piece.Length, 4, 16);
        using var k = Random(engine, 2, 1, keys, 2, 16);
        using var v = Random(engine, 3, 1, keys, 2, 16);
        using var dOutput = Random(engine, 4, 1, piece.Length, 4, 16);
        using var output = Random(engine, 5, 1, piece.Length, 4, 16);
        using var logSumExp = Random(engine, 6, 1, 4, piece.Length);
        using var dq = Random(engine, 7, 1, piece.Length, 4, 16);
        using var dk = Random(engine, 8, 1, keys, 2, 16);
        using var dv = Random(engine, 9, 1, keys, 2, 16);
        engine.KeyedAttention(output, logSumExp, q, k, v, [piece], accumulate);
        engine.KeyedAttentionBackward(dq, dk, dv, dOutput, q, k, v, output, logSumExp, [piece], accumulate);
        return new[] { (nameof(output), output), (nameof(logSumExp), logSumExp), (nameof(dq), dq), (nameof(dk), dk), (nameof(dv), dv) }
            .ToDictionary(pair => pair.Item1, pair => HostValues.Read(engine, pair.Item2));
    }

    /// <summary>Output, log-sum-exps and the three gradients of random operands in one packed q‖k‖v buffer.</summary>
    private static Dictionary<string, double[]> Run(
        Engine engine, int heads, int kvHeads, int headDim, long[] lengths, float factor = 1)
    {
        var (rows, width) = (lengths.Sum(), (heads + 2 * kvHeads) * headDim);
        using var qkv = Random(engine, 1, factor, rows, width);
        using var dQkv = engine.Zeros(ScalarType.Float32, rows, width);
        using var dOutput = Random(engine, 2, 1, rows, heads, headDim);
        using var output = engine.Empty(ScalarType.Float32, rows, heads, headDim);
        using var q = Heads(qkv, 0, heads, headDim);
        using var k = Heads(qkv, heads, kvHeads, headDim);
        using var v = Heads(qkv, heads + kvHeads, kvHeads, headDim);
        using var dq = Heads(dQkv, 0, heads, headDim);
        using var dk = Heads(dQkv, heads, kvHeads, headDim);
        using var dv = Heads(dQkv, heads + kvHeads, kvHeads, headDim);
        var segments = Segments(lengths);
        var logSumExp = engine.Attention(output, q, k, v, segments);
        engine.AttentionBackward(dq, dk, dv, dOutput, q, k, v, output, logSumExp, segments);
        var values = new Dictionary<string, double[]>
        {
            ["output"] = HostValues.Read(engine, output),
            ["logSumExp"] = [.. logSumExp.SelectMany(part => HostValues.Read(engine, part))],
            ["dQkv"] = HostValues.Read(engine, dQkv),
        };
        foreach (var part in logSumExp)
            part.Dispose();
        return values;
    }

    private static List<Segment> Segments(long[] lengths)
    {
        var segments = new List<Segment>();
        var start = 0L;
        foreach (var length in lengths)
        {
            segments.Add(new Segment(start, length));
            start += length;
        }

        return segments;
    }

    private static Tensor Heads(Tensor packed, int first, int count, int headDim) =>
        packed.View([packed.Size(0), count, headDim], [packed.Strides[0], headDim, 1], (long)first * headDim);

    private static Tensor Random(Engine engine, int seed, float factor, params ReadOnlySpan<long> shape)
    {
        var random = new Random(seed);
        var count = 1L;
        foreach (var size in shape)
            count *= size;
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = factor * (random.NextSingle() * 2 - 1);
        return engine.Upload<float>(ScalarType.Float32, values, shape);
    }

    private static double Largest(double[] actual, double[] expected) =>
        actual.Zip(expected, (a, e) => Math.Abs(a - e)).Max();
}
