using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>One thread's forward pass: o = softmax(q kᵀ / √H) v of one head of one span at a time.</summary>
internal sealed unsafe class AttentionForward : IDisposable
{
    /// <summary>Queries of a block.</summary>
    public const int Queries = 32;

    /// <summary>Keys of a block.</summary>
    public const int Keys = 64;

    private readonly int _headDim;
    private readonly Scratch _scratch;
    private readonly float* _q;
    private readonly float* _k;
    private readonly float* _kTransposed;
    private readonly float* _v;
    private readonly float* _scores;
    private readonly float* _output;

    /// <param name="numQueries">Of the span that has most.</param>
    /// <param name="numKeys">Of the span that has most.</param>
    public AttentionForward(long numQueries, long numKeys, int headDim)
    {
        _headDim = headDim;
        var (queries, keys) = (PaddedLength(numQueries) * headDim, PaddedLength(numKeys) * headDim);
        var (block, scores) = (Scratch.RoundUp(Queries * headDim), Queries * PaddedLength(numKeys));
        _scratch = new Scratch(queries + 3 * keys + block + scores);
        _q = _scratch.Take(queries);
        _k = _scratch.Take(keys);
        _kTransposed = _scratch.Take(keys);
        _v = _scratch.Take(keys);
        _scores = _scratch.Take(scores);
        _output = _scratch.Take(block);
    }

    public static long PaddedLength(long length) => (length + Keys - 1) / Keys * Keys;

    /// <summary>Keys, from the span's first, that 32 queries from t on meet: a multiple of 32.</summary>
    public static long EndOfKeys(in AttentionSpan span, long t) =>
        Math.Min(PaddedLength(span.KeyLength), (span.Before + t + Queries + Queries - 1) / Queries * Queries);

    /// <summary>Keys of a block that lie before <paramref name="end"/>: all, or half at the diagonal.</summary>
    public static long KeysSeen(long firstKey, long end) => Math.Min(Keys, end - firstKey);

    /// <summary>Takes the keys and values that the next queries meet.</summary>
    public void Load(PackedHeads k, PackedHeads v, long head, in AttentionSpan span)
    {
        var length = PaddedLength(span.KeyLength);
        k.Load(_k, head, span.KeyStart, span.KeyLength, length);
        v.Load(_v, head, span.KeyStart, span.KeyLength, length);
        for (var s = 0L; s < length; s += Keys)
            BlockTranspose.Copy(_k + s * _headDim, _headDim, _kTransposed + s * _headDim, Keys, Keys, _headDim);
    }

    /// <param name="accumulate">Output and log-sum-exps hold what other keys gave.</param>
    public void Run(PackedHeads q, PackedHeads o, long head, in AttentionSpan span, bool accumulate)
    {
        q.Load(_q, head, span.Start, span.Length, PaddedLength(span.Length), 1 / MathF.Sqrt(_headDim));
        for (var t = 0L; t < span.Length; t += Queries)
            RunBlock(o, head, span, t, accumulate);
    }

    public void Dispose() => _scratch.Dispose();

    private void RunBlock(PackedHeads o, long head, in AttentionSpan span, long t, bool accumulate)
    {
        var end = EndOfKeys(span, t);
        for (var s = 0L; s < end; s += Keys)
        {
            BlockKernel.Run(
                Queries, KeysSeen(s, end), _headDim, _q + t * _headDim, _headDim, _kTransposed + s * _headDim, Keys,
                _scores + s * Queries, Keys, accumulate: false);
        }

        var rows = Math.Min(Queries, span.Length - t);
        var logSumExp = span.LogSumExpOf(head) + t;
        var factors = stackalloc float[Queries];
        var before = stackalloc float[Queries];
        for (var row = 0L; row < rows; row++)
        {
            var (factor, sum) = Softmax(_scores + row * Keys, Math.Min(span.KeyLength, span.Before + t + row + 1), end);
            (factors[row], before[row], logSumExp[row]) = accumulate ? Join(factor, sum, logSumExp[row]) : (factor, 0, sum);
        }

        for (var s = 0L; s < end; s += Keys)
        {
            BlockKernel.Run(
                Queries, _headDim, KeysSeen(s, end), _scores + s * Queries, Keys, _v + s * _headDim, _headDim,
                _output, _headDim, accumulate: s > 0);
        }

        for (var row = 0L; row < rows; row++)
            o.StoreRow(_output + row * _headDim, head, span.Start + t + row, factors[row], before[row]);
    }

    /// <summary>Weights of what was found now and before, and the log-sum-exp of both.</summary>
    private static (float Factor, float Before, float LogSumExp) Join(float factor, float sum, float before)
    {
        var max = MathF.Max(sum, before);
        var both = max + MathF.Log(MathF.Exp(sum - max) + MathF.Exp(before - max));
        return (factor * MathF.Exp(sum - both), MathF.Exp(before - both), both);
    }

    /// <summary>Turns the scores of one query into exponentials, 0 from <paramref name="count"/> on.</summary>
    /// <param name="row">64 scores of each block, blocks 32 · 64 apart.</param>
    /// <param name="count">Keys that the query sees.</param>
    /// <param name="end">Keys that its block of queries computed.</param>
    /// <returns>1 / Σ exp(score - max), and log Σ exp(score).</returns>
    private static (float Factor, float LogSumExp) Softmax(float* row, long count, long end)
    {
        var max = Vector256.Create(float.NegativeInfinity);
        for (var s = 0L; s < end; s += Vector256<float>.Count)
        {
            var masked = Vector256.ConditionalSelect(Sees(s, count), Vector256.Load(At(row, s)), Vector256.Create(float.NegativeInfinity));
            masked.Store(At(row, s));
            max = Vector256.Max(max, masked);
        }

        var top = Largest(max);
        var sums = Vector256<float>.Zero;
        for (var s = 0L; s < end; s += Vector256<float>.Count)
        {
            var e = SimdMath.Exp(Vector256.Load(At(row, s)) - Vector256.Create(top)) & Sees(s, count);
            e.Store(At(row, s));
            sums += e;
        }

        var sum = Vector256.Sum(sums);
        return (1 / sum, top + MathF.Log(sum));
    }

    private static float* At(float* row, long s) => row + s / Keys * (Queries * Keys) + s % Keys;

    /// <summary>All bits set in the lanes of keys s, s + 1, ... that lie before <paramref name="count"/>.</summary>
    private static Vector256<float> Sees(long s, long count) => Vector256.LessThan(
        Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create((int)Math.Clamp(count - s, 0, Vector256<float>.Count))).AsSingle();

    private static float Largest(Vector256<float> values)
    {
        var max = values[0];
        for (var lane = 1; lane < Vector256<float>.Count; lane++)
            max = MathF.Max(max, values[lane]);
        return max;
    }
}
