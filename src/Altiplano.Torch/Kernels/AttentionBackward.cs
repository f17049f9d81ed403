using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>One thread's backward pass of attention, one key/value head of one document at a time.</summary>
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

    /// <param name="longest">Rows of the longest document.</param>
    public AttentionBackward(long longest, int headDim)
    {
        _headDim = headDim;
        var (whole, block, square) = (AttentionForward.PaddedLength(longest) * headDim, Queries * headDim, Queries * Keys);
        _scratch = new Scratch(6 * whole + 3 * block + 3 * square + 2 * Queries);
        _q = _scratch.Take(whole);
        _k = _scratch.Take(whole);
        _v = _scratch.Take(whole);
        _dOutput = _scratch.Take(whole);
        _dk = _scratch.Take(whole);
        _dv = _scratch.Take(whole);
        _qTransposed = _scratch.Take(block);
        _dOutputTransposed = _scratch.Take(block);
        _dq = _scratch.Take(block);
        _p = _scratch.Take(square);
        _ds = _scratch.Take(square);
        _dsTransposed = _scratch.Take(square);
        _logSumExp = _scratch.Take(Queries);
        _delta = _scratch.Take(Queries);
    }

    /// <summary>Takes a document's keys and values, and starts their gradients at zero.</summary>
    public void Load(PackedHeads k, PackedHeads v, long head, AttentionDocument document)
    {
        var length = AttentionForward.PaddedLength(document.Length);
        k.Load(_k, head, document, length);
        v.Load(_v, head, document, length);
        new Span<float>(_dk, (int)(length * _headDim)).Clear();
        new Span<float>(_dv, (int)(length * _headDim)).Clear();
    }

    /// <summary>Adds one query head's part to the gradients of keys and values, and writes dq.</summary>
    public void Run(PackedHeads q, PackedHeads o, PackedHeads dOutput, PackedHeads dq, long head, AttentionDocument document)
    {
        var length = AttentionForward.PaddedLength(document.Length);
        var scale = 1 / MathF.Sqrt(_headDim);
        q.Load(_q, head, document, length, scale);
        dOutput.Load(_dOutput, head, document, length);
        for (var t = 0L; t < document.Length; t += Queries)
        {
            LoadBlock(o, head, document, t);
            for (var s = 0L; s < t + Queries; s += Keys)
                RunBlock(t, s, AttentionForward.KeysSeen(s, t + Queries));
            dq.Store(_dq, head, document.Start + t, Math.Min(Queries, document.Length - t), scale);
        }
    }

    /// <summary>Writes the gradients of the document's keys and values.</summary>
    public void Store(PackedHeads dk, PackedHeads dv, long head, AttentionDocument document)
    {
        dk.Store(_dk, head, document.Start, document.Length);
        dv.Store(_dv, head, document.Start, document.Length);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Transposes 32 rows of q and dO; log-sum-exp and Σ dO O of each, 0 behind the document's end.</summary>
    private void LoadBlock(PackedHeads o, long head, AttentionDocument document, long t)
    {
        BlockTranspose.Copy(_q + t * _headDim, _headDim, _qTransposed, Queries, Queries, _headDim);
        BlockTranspose.Copy(_dOutput + t * _headDim, _headDim, _dOutputTransposed, Queries, Queries, _headDim);
        var logSumExp = (float*)document.LogSumExp + head * document.Length;
        for (var i = 0; i < Queries; i++)
        {
            var isInside = t + i < document.Length;
            _logSumExp[i] = isInside ? logSumExp[t + i] : 0;
            _delta[i] = isInside ? Dot(_dOutput + (t + i) * _headDim, o.Row(document.Start + t + i, head)) : 0;
        }
    }

    /// <summary>Queries from t against keys from s.</summary>
    private void RunBlock(long t, long s, long keys)
    {
        var row = s * _headDim;
        BlockKernel.Run(keys, Queries, _headDim, _k + row, _headDim, _qTransposed, Queries, _p, Queries, accumulate: false);
        BlockKernel.Run(keys, Queries, _headDim, _v + row, _headDim, _dOutputTransposed, Queries, _ds, Queries, accumulate: false);
        if (s + keys <= t + 1)
            ScoreGradients<Unmasked>(s - t, keys);
        else
            ScoreGradients<Masked>(s - t, keys);
        BlockTranspose.Copy(_ds, Queries, _dsTransposed, Keys, keys, Queries);
        BlockKernel.Run(keys, _headDim, Queries, _p, Queries, _dOutput + t * _headDim, _headDim, _dv + row, _headDim, accumulate: true);
        BlockKernel.Run(keys, _headDim, Queries, _ds, Queries, _q + t * _headDim, _headDim, _dk + row, _headDim, accumulate: true);
        BlockKernel.Run(Queries, _headDim, keys, _dsTransposed, Keys, _k + row, _headDim, _dq, _headDim, accumulate: s > 0);
    }

    /// <summary>From scores and dP, keys by queries, to P and dS in place.</summary>
    /// <param name="offset">Position of the first key, counted from the first query.</param>
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
