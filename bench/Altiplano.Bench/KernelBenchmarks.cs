using Altiplano.Torch;
using Altiplano.Torch.Operators;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace Altiplano.Bench;

/// <summary>Fused kernels against the same operators made of plain libtorch's: the 15M model's sizes, 1,024 rows.</summary>
[Config(typeof(Settings))]
[Orderer(SummaryOrderPolicy.Method)]
public class KernelBenchmarks
{
    private const int Rows = 1024;
    private const int Width = 288;
    private const int Ffn = 768;
    private const int Heads = 6;
    private const int HeadDim = Width / Heads;
    private const int Vocabulary = 32_000;

    private readonly List<Tensor> _tensors = [];
    private readonly List<Segment> _windows = [];
    private readonly List<Segment> _documents = [];
    private Engine _engine = null!;
    private Tensor _x = null!, _y = null!, _dx = null!, _residual = null!, _weight = null!, _dWeight = null!, _inverseRms = null!;
    private Tensor _qkv = null!, _dQkv = null!, _cos = null!, _sin = null!, _positions = null!;
    private Tensor _gateUp = null!, _dGateUp = null!, _activation = null!, _gateUpWeight = null!;
    private Tensor _table = null!, _ids = null!, _logits = null!, _losses = null!;
    private Tensor _flat = null!, _gradients = null!, _first = null!, _second = null!;
    private Tensor _q = null!, _k = null!, _v = null!, _dq = null!, _dk = null!, _dv = null!, _output = null!, _dOutput = null!;
    private Tensor[] _logSumExpOfWindows = null!, _logSumExpOfDocuments = null!;

    /// <summary>False: plain libtorch operators.</summary>
    [Params(false, true)]
    public bool Fused { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Libtorch.Load();
        _engine = new Engine(Device.Cpu, useFusedKernels: Fused);
        SetUpRows();
        SetUpAttention();
        (_table, _logits) = (Random(Vocabulary, Width), Random(Rows, Vocabulary));
        _ids = Keep(_engine.Upload<long>(ScalarType.Int64, [.. Enumerable.Range(0, Rows).Select(i => i * 31L % Vocabulary)], Rows));
        _losses = Keep(_engine.Zeros(ScalarType.Float64, Rows));
        const int Parameters = 15_000_000;
        (_flat, _gradients) = (Random(Parameters), Random(Parameters));
        (_first, _second) = (Keep(_engine.Zeros(ScalarType.Float32, Parameters)), Keep(_engine.Zeros(ScalarType.Float32, Parameters)));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (var tensor in _tensors)
            tensor.Dispose();
        _tensors.Clear();
    }

    [Benchmark]
    public void RmsNorm() => _engine.RmsNorm(_y, _inverseRms, _x, _weight, 1e-5);

    [Benchmark]
    public void RmsNormBackwardInput() => _engine.RmsNormBackwardInput(_dx, _y, _x, _weight, _inverseRms, _residual);

    [Benchmark]
    public void RmsNormBackwardWeight() => _engine.RmsNormBackwardWeight(_dWeight, _y, _x, _inverseRms, accumulate: false);

    [Benchmark]
    public void Rotate() => _engine.Rotate(_qkv, 2 * Heads, _cos, _sin, _positions, inverse: false);

    [Benchmark]
    public void SwiGlu() => _engine.SwiGlu(_activation, _gateUp);

    [Benchmark]
    public void SwiGluBackward() => _engine.SwiGluBackward(_dGateUp, _activation, _gateUp);

    [Benchmark]
    public void Embed() => _engine.Embed(_y, _table, _ids);

    [Benchmark]
    public void EmbedBackward() => _engine.EmbedBackward(_table, _dx, _ids);

    [Benchmark]
    public void CrossEntropy() => _engine.CrossEntropy(_losses, _logits, _ids, 1.0 / Rows);

    [Benchmark]
    public void CrossEntropyLosses() => _engine.CrossEntropyLosses(_losses, _logits, _ids);

    [Benchmark]
    public double SumOfSquares() => _engine.SumOfSquares(_gradients);

    [Benchmark]
    public void AdamW() =>
        _engine.AdamW(_flat, _gradients, _first, _second, new AdamWStep(10, 1e-4, 0.9, 0.95, 1e-8, 0.1, 0.5));

    [Benchmark]
    public void MatMul() => _engine.MatMul(_gateUp, _x, _gateUpWeight, transposeB: true);

    [Benchmark]
    public void AttentionOfWindows() => Free(_engine.Attention(_output, _q, _k, _v, _windows));

    [Benchmark]
    public void AttentionOfDocuments() => Free(_engine.Attention(_output, _q, _k, _v, _documents));

    [Benchmark]
    public void AttentionBackwardOfWindows() =>
        _engine.AttentionBackward(_dq, _dk, _dv, _dOutput, _q, _k, _v, _output, _logSumExpOfWindows, _windows);

    [Benchmark]
    public void AttentionBackwardOfDocuments() =>
        _engine.AttentionBackward(_dq, _dk, _dv, _dOutput, _q, _k, _v, _output, _logSumExpOfDocuments, _documents);

    private static void Free(Tensor[] parts)
    {
        foreach (var part in parts)
            part.Dispose();
    }

    private void SetUpRows()
    {
        (_x, _y, _dx, _residual) = (Random(Rows, Width), Random(Rows, Width), Random(Rows, Width), Random(Rows, Width));
        (_weight, _dWeight, _inverseRms) = (Random(Width), Random(Width), Random(Rows));
        (_gateUp, _dGateUp) = (Random(Rows, 2 * Ffn), Random(Rows, 2 * Ffn));
        (_activation, _gateUpWeight) = (Random(Rows, Ffn), Random(2 * Ffn, Width));
        (_cos, _sin) = (Random(Rows, HeadDim / 2), Random(Rows, HeadDim / 2));
        _positions = Keep(_engine.Upload<long>(ScalarType.Int64, [.. Enumerable.Range(0, Rows).Select(i => (long)i)], Rows));
    }

    /// <summary>Four windows of 256 rows; and documents of 40 to 200, each of another length than its neighbours.</summary>
    private void SetUpAttention()
    {
        (_qkv, _dQkv) = (Random(Rows, 3 * Width), Random(Rows, 3 * Width));
        (_q, _k, _v) = (HeadsOf(_qkv, 0), HeadsOf(_qkv, 1), HeadsOf(_qkv, 2));
        (_dq, _dk, _dv) = (HeadsOf(_dQkv, 0), HeadsOf(_dQkv, 1), HeadsOf(_dQkv, 2));
        (_output, _dOutput) = (Random(Rows, Heads, HeadDim), Random(Rows, Heads, HeadDim));
        _windows.AddRange(Enumerable.Range(0, 4).Select(i => new Segment(i * 256, 256)));
        for (long row = 0, i = 0; row < Rows; row += _documents[^1].Length, i++)
            _documents.Add(new Segment(row, Math.Min(40 + i * 37 % 161, Rows - row)));
        _logSumExpOfDocuments = Keep(_engine.Attention(_output, _q, _k, _v, _documents));
        _logSumExpOfWindows = Keep(_engine.Attention(_output, _q, _k, _v, _windows));
    }

    private Tensor HeadsOf(Tensor packed, int part) => Keep(packed.View([Rows, Heads, HeadDim], [3 * Width, HeadDim, 1], part * Width));

    private Tensor Random(params ReadOnlySpan<long> shape)
    {
        var (random, count) = (new Random(1), 1L);
        foreach (var size in shape)
            count *= size;
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        return Keep(_engine.Upload<float>(ScalarType.Float32, values, shape));
    }

    private Tensor Keep(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }

    private Tensor[] Keep(Tensor[] tensors)
    {
        _tensors.AddRange(tensors);
        return tensors;
    }

    private sealed class Settings : ManualConfig
    {
        public Settings() => AddJob(Job.Default
            .WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithWarmupCount(2).WithIterationCount(5).WithIterationTime(TimeInterval.FromMilliseconds(80)));
    }
}
