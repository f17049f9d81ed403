using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>One thread's forward pass: o = softmax(q kᵀ / √H) v of one head of one document at a time.</summary>
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

    /// <param name="longest">Rows of the longest document.</param>
    public AttentionForward(long longest, int headDim)
    {
        _headDim = headDim;
        var (whole, block, scores) = (PaddedLength(longest) * headDim, Scratch.RoundUp(Queries * headDim), Queries * PaddedLength(longest));
        _scratch = new Scratch(4 * whole + block + scores);
        _q = _scratch.Take(whole);
        _k = _scratch.Take(whole);
        _kTransposed = _scratch.Take(whole);
        _v = _scratch.Take(whole);
        _scores = _scratch.Take(scores);
        _output = _scratch.Take(block);
    }

    public static long PaddedLength(long length) => (length + Keys - 1) / Keys * Keys;

    /// <summary>Keys of a block that queries up to <paramref name="endQuery"/> see: all, or half at the diagonal.</summary>
    public static long KeysSeen(long firstKey, long endQuery) => Math.Min(Keys, endQuery - firstKey);

    /// <summary>Takes the keys and values that the next queries meet.</summary>
    public void Load(PackedHeads k, PackedHeads v, long head, AttentionDocument document)
    {
        var length = PaddedLength(document.Length);
        k.Load(_k, head, document, length);
        v.Load(_v, head, document, length);
        for (var s = 0L; s < length; s += Keys)
            BlockTranspose.Copy(_k + s * _headDim, _headDim, _kTransposed + s * _headDim, Keys, Keys, _headDim);
    }

    public void Run(PackedHeads q, PackedHeads o, long head, AttentionDocument document)
    {
        q.Load(_q, head, document, PaddedLength(document.Length), 1 / MathF.Sqrt(_headDim));
        var logSumExp = (float*)document.LogSumExp + head * document.Length;
        for (var t = 0L; t < document.Length; t += Queries)
            RunBlock(o, head, document, t, logSumExp);
    }

    public void Dispose() => _scratch.Dispose();

    private void RunBlock(PackedHeads o, long head, AttentionDocument document, long t, float* logSumExp)
    {
        var endQuery = t + Queries;
        for (var s = 0L; s < endQuery; s += Keys)
        {
            BlockKernel.Run(
                Queries, KeysSeen(s, endQuery), _headDim, _q + t * _headDim, _headDim, _kTransposed + s * _headDim, Keys,
                _scores + s * Queries, Keys, accumulate: false);
        }

        var rows = Math.Min(Queries, document.Length - t);
        var factors = stackalloc float[Queries];
        for (var row = 0L; row < rows; row++)
            (factors[row], logSumExp[t + row]) = Softmax(_scores + row * Keys, t + row + 1, endQuery);
        for (var s = 0L; s < endQuery; s += Keys)
        {
            BlockKernel.Run(
                Queries, _headDim, KeysSeen(s, endQuery), _scores + s * Queries, Keys, _v + s * _headDim, _headDim,
                _output, _headDim, accumulate: s > 0);
        }

        for (var row = 0L; row < rows; row++)
            o.StoreRow(_output + row * _headDim, head, document.Start + t + row, factors[row]);
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
