using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Costs;

/// <summary>Time of the kernels of one GPU: matrix products, attention, elementwise work.</summary>
internal sealed class KernelTiming
{
    private const double Tile = 128;

    /// <summary>Products with fewer tiles than SMs split their inner dim into pieces of at least this.</summary>
    private const double SplitDepth = 2048;

    /// <summary>Flash attention computes scores again in its backward pass: five products for the forward pass's two.</summary>
    public const double AttentionBackward = 2.5;

    /// <summary>How much of the last, partly filled wave of tiles is lost: persistent kernels and split products win half of it back.</summary>
    private const double WaveQuantisation = 0.5;

    /// <summary>Seconds that a kernel takes on the GPU besides its work.</summary>
    private const double KernelOverhead = 4e-6;

    private readonly double _matrixRate;
    private readonly double _halfDepth;
    private readonly double _attentionRate;
    private readonly double _shardedAttentionRate;
    private readonly double _attentionHalfLength;
    private readonly double _headSizeExponent;
    private readonly double _elementwiseRate;
    private readonly double _memoryRate;
    private readonly double _bytesPerInput;
    private readonly int _numSms;

    public KernelTiming(GpuSpec gpu, Precision precision, TimeCoefficients coefficients)
    {
        var clock = Math.Cbrt(gpu.PowerLimit.Value / gpu.RatedPower.Value);
        _matrixRate = gpu.Peak(precision).Value * coefficients.MatrixEfficiency * clock;
        _halfDepth = coefficients.MatrixHalfDepth;
        _attentionRate = gpu.PeakBf16.Value * coefficients.AttentionEfficiency * clock;
        _shardedAttentionRate = gpu.PeakBf16.Value * coefficients.ShardedAttentionEfficiency * clock;
        _attentionHalfLength = coefficients.AttentionHalfLength;
        _headSizeExponent = coefficients.HeadSizeExponent;
        _elementwiseRate = gpu.MemoryBandwidth.Value * coefficients.MemoryEfficiency;
        _memoryRate = gpu.MemoryBandwidth.Value * Math.Min(1, coefficients.OptimizerEfficiency);
        _bytesPerInput = precision == Precision.Fp8 ? 1 : 2;
        _numSms = gpu.NumSms;
        IsFp8 = precision == Precision.Fp8;
    }

    /// <summary>True where the inputs of products are converted to 8 bits.</summary>
    public bool IsFp8 { get; }

    /// <summary>Time of <paramref name="count"/> products [m, k] x [k, n] in one kernel.</summary>
    /// <returns>The longer of tensor cores and memory; the last wave of tiles over the SMs is partly idle.</returns>
    public double Product(double m, double n, double k, double count = 1)
    {
        if (m <= 0 || n <= 0 || k <= 0)
            return 0;
        var tiles = count * Math.Ceiling(m / Tile) * Math.Ceiling(n / Tile);
        var waves = tiles / _numSms;
        if (waves < 1)
            waves *= Math.Max(1, Math.Min(Math.Floor(1 / waves), Math.Floor(k / SplitDepth)));
        var lost = 1 + WaveQuantisation * (Math.Ceiling(waves) / waves - 1);
        var operations = 2 * tiles * Tile * Tile * (k + _halfDepth);
        var traffic = count * (_bytesPerInput * k * (m + n) + 2 * m * n);
        return Math.Max(operations * lost / _matrixRate, traffic / _memoryRate) + KernelOverhead;
    }

    /// <summary>Time of scores, softmax and values.</summary>
    /// <param name="operations">Of the pairs that the mask leaves.</param>
    /// <param name="keys">Tokens that the longest query sees.</param>
    public double Attention(double operations, double keys, double headSize, bool isSharded)
    {
        var byHead = Math.Pow(Math.Min(1, headSize / 128), _headSizeExponent);
        var rate = isSharded ? _shardedAttentionRate : _attentionRate;
        return operations / (rate * byHead * keys / (keys + _attentionHalfLength)) + KernelOverhead;
    }

    /// <summary>Time of kernels that only move data.</summary>
    public double Elementwise(double bytes) => bytes / _elementwiseRate;
}
