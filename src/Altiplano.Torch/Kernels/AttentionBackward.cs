using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>One thread's backward pass of attention, one key/value head of one span at a time.</summary>
/// <remarks>
/// With P = softmax(S), S = q kᵀ / √H: dV = Pᵀ dO; dP = dO Vᵀ; dS = P (dP - Σ dO O); dQ = dS K / √H; dK = dSᵀ Q / √H.
/// Source: Dao et al. 2022, algorithm 4. Blocks of S are made transposed, keys by queries, so that three of the five products need no
/// transposed copy and what belongs to a query lies along the vector.
/// </remarks>
internal sealed unsafe class AttentionBackward : IDisposable
{
    private const int Queries = AttentionForward.Queries;
    private const int Keys = AttentionForward.Keys;
    private static readonly int Lanes = Vector256<float>.Count;

    private readonly int _headDim;
    private readonly Scratch _scratch;
    private readonly float* _q;
    private readonly float* _k;
    private readonly float* _v;
    private readonly float* _dOutput;
    private readonly float* _dk;
    private readonly float* _dv;
    private readonly float* _qTransposed;
    private readonly float* _dOutputTransposed;
    private readonly float* _dq;
    private readonly float* _p;
    private readonly float* _ds;
    private readonly float* _dsTransposed;
    private readonly float* _logSumExp;
    private readonly float* _delta;

    /// <param name="numQueries">Of the span that has most.</param>
    /// <param name="numKeys">Of the span that has most.</param>
    public AttentionBackward(long numQueries, long numKeys, int headDim)
    {
        _headDim = headDim;
        var (queries, keys) = (AttentionForward.PaddedLength(numQueries) * headDim, AttentionForward.PaddedLength(numKeys) * headDim);
        var (block, square) = (Queries * headDim, Queries * Keys);
        _scratch = new Scratch(2 * queries + 4 * keys + 3 * block + 3 * square + 2 * Queries);
        _q = _scratch.Take(queries);
        _dOutput = _scratch.Take(queries);
        _k = _scratch.Take(keys);
        _v = _scratch.Take(keys);
        _dk = _scratch.Take(keys);
        _dv = _scratch.Take(keys);
        _qTransposed = _scratch.Take(block);
        _dOutputTransposed = _scratch.Take(block);
        _dq = _scratch.Take(block);
        _p = _scratch.Take(square);
        _ds = _scratch.Take(square);
        _dsTransposed = _scratch.Take(square);
        _logSumExp = _scratch.Take(Queries);
        _delta = _scratch.Take(Queries);
    }

    /// <summary>Takes a span's keys and values, and starts their gradients at zero.</summary>
    public void Load(PackedHeads k, PackedHeads v, long head, in AttentionSpan span)
    {
        var length = AttentionForward.PaddedLength(span.KeyLength);
        k.Load(_k, head, span.KeyStart, span.KeyLength, length);
        v.Load(_v, head, span.KeyStart, span.KeyLength, length);
        new Span<float>(_dk, (int)(length * _headDim)).Clear();
        new Span<float>(_dv, (int)(length * _headDim)).Clear();
    }

    /// <summary>Adds one query head's part to the gradients of keys and values; writes dq, or adds to it.</summary>
    public void Run(PackedHeads q, PackedHeads o, PackedHeads dOutput, PackedHeads dq, long head, in AttentionSpan span, bool accumulate)
    {
        var length = AttentionForward.PaddedLength(span.Length);
        var scale = 1 / MathF.Sqrt(_headDim);
        q.Load(_q, head, span.Start, span.Length, length, scale);
        dOutput.Load(_dOutput, head, span.Start, span.Length, length);
        for (var t = 0L; t < span.Length; t += Queries)
        {
            LoadBlock(o, head, span, t);
            var end = AttentionForward.EndOfKeys(span, t);
            for (var s = 0L; s < end; s += Keys)
                RunBlock(span, t, s, AttentionForward.KeysSeen(s, end));
            dq.Store(_dq, head, span.Start + t, Math.Min(Queries, span.Length - t), scale, accumulate);
        }
    }

    /// <summary>Writes the gradients of the span's keys and values, or adds them.</summary>
    public void Store(PackedHeads dk, PackedHeads dv, long head, in AttentionSpan span, bool accumulate)
    {
        dk.Store(_dk, head, span.KeyStart, span.KeyLength, accumulate: accumulate);
        dv.Store(_dv, head, span.KeyStart, span.KeyLength, accumulate: accumulate);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Transposes 32 rows of q and dO; log-sum-exp and Σ dO O of each, 0 behind the span's end.</summary>
    private void LoadBlock(PackedHeads o, long head, in AttentionSpan span, long t)
    {
        BlockTranspose.Copy(_q + t * _headDim, _headDim, _qTransposed, Queries, Queries, _headDim);
        BlockTranspose.Copy(_dOutput + t * _headDim, _headDim, _dOutputTransposed, Queries, Queries, _headDim);
        var logSumExp = span.LogSumExpOf(head);
        for (var i = 0; i < Queries; i++)
        {
            var isInside = t + i < span.Length;
            _logSumExp[i] = isInside ? logSumExp[t + i] : 0;
            _delta[i] = isInside ? Dot(_dOutput + (t + i) * _headDim, o.Row(span.Start + t + i, head)) : 0;
        }
    }

    /// <summary>Queries from t against keys from s.</summary>
    private void RunBlock(in AttentionSpan span, long t, long s, long keys)
    {
        var row = s * _headDim;
        BlockKernel.Run(keys, Queries, _headDim, _k + row, _headDim, _qTransposed, Queries, _p, Queries, accumulate: false);
        BlockKernel.Run(keys, Queries, _headDim, _v + row, _headDim, _dOutputTransposed, Queries, _ds, Queries, accumulate: false);
        var (offset, visible) = (s - span.Before - t, Math.Min(keys, span.KeyLength - s));
        if (offset + keys <= 1)
            ScoreGradients<Unmasked>(offset, visible);
        else
            ScoreGradients<Masked>(offset, visible);
        // Behind the last key there is nothing to see.
        new Span<float>(_p + visible * Queries, (int)((keys - visible) * Queries)).Clear();
        new Span<float>(_ds + visible * Queries, (int)((keys - visible) * Queries)).Clear();
        BlockTranspose.Copy(_ds, Queries, _dsTransposed, Keys, keys, Queries);
        BlockKernel.Run(keys, _headDim, Queries, _p, Queries, _dOutput + t * _headDim, _headDim, _dv + row, _headDim, accumulate: true);
        BlockKernel.Run(keys, _headDim, Queries, _ds, Queries, _q + t * _headDim, _headDim, _dk + row, _headDim, accumulate: true);
        BlockKernel.Run(Queries, _headDim, keys, _dsTransposed, Keys, _k + row, _headDim, _dq, _headDim, accumulate: s > 0);
    }

    /// <summary>From scores and dP, keys by queries, to P and dS in place.</summary>
    /// <param name="offset">Position of the first key, counted from the last one that the first query sees.</param>
    private void ScoreGradients<TMask>(long offset, long keys)
        where TMask : struct
    {
        for (var i = 0; i < Queries; i += Lanes)
        {
            var (logSumExp, delta) = (Vector256.Load(_logSumExp + i), Vector256.Load(_delta + i));
            var positions = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7) + Vector256.Create(i);
            for (var key = 0; key < keys; key++)
            {
                var at = key * Queries + i;
                var p = SimdMath.Exp(Vector256.Load(_p + at) - logSumExp);
                if (typeof(TMask) == typeof(Masked))
                    p &= Vector256.GreaterThanOrEqual(positions, Vector256.Create((int)(key + offset))).AsSingle();
                p.Store(_p + at);
                (p * (Vector256.Load(_ds + at) - delta)).Store(_ds + at);
            }
        }
    }

    private float Dot(float* a, float* b)
    {
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < _headDim; i += Lanes)
            sum = SimdMath.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), sum);
        return Vector256.Sum(sum);
    }

    private struct Masked;

    private struct Unmasked;
}
