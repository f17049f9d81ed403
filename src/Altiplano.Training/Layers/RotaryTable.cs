using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Cosines and sines of position × frequency, [P, H/2] each; with Llama 4's temperature, which is by position too.</summary>
/// <remarks>
/// In fp64 for fp64 runs; otherwise frequencies, angles and tables are fp32, as in the reference implementations.
/// </remarks>
public sealed class RotaryTable : IDisposable
{
    private readonly Engine _engine;
    private readonly double[] _frequencies;

    public RotaryTable(Engine engine, LlamaArchitecture architecture, ScalarType activationType, int numPositions)
    {
        _engine = engine;
        _frequencies = architecture.RotaryFrequencies();
        var type = activationType.Accumulator();
        Cos_PH = engine.Empty(type, numPositions, _frequencies.Length);
        Sin_PH = engine.Empty(type, numPositions, _frequencies.Length);
        Fill();
        if (architecture.Attention?.Temperature is { } temperature)
            Temperature = new TemperatureTable(engine, temperature, type, numPositions);
    }

    public Tensor Cos_PH { get; private set; }
    public Tensor Sin_PH { get; private set; }

    /// <summary>Null where queries have no temperature.</summary>
    public TemperatureTable? Temperature { get; }

    /// <summary>Makes the table at least so long; a longer one replaces it, twice its size or more.</summary>
    public void Require(long numPositions)
    {
        if (numPositions <= Cos_PH.Size(0))
            return;
        var (type, length) = (Cos_PH.Type, Math.Max(numPositions, 2 * Cos_PH.Size(0)));
        Cos_PH.Dispose();
        Sin_PH.Dispose();
        Cos_PH = _engine.Empty(type, length, _frequencies.Length);
        Sin_PH = _engine.Empty(type, length, _frequencies.Length);
        Fill();
        Temperature?.Grow(length);
    }

    public void Dispose()
    {
        Cos_PH.Dispose();
        Sin_PH.Dispose();
        Temperature?.Dispose();
    }

    private void Fill()
    {
        if (Cos_PH.Type == ScalarType.Float64)
            FillFloat64(_frequencies);
        else
            FillFloat32([.. _frequencies.Select(f => (float)f)]);
    }

    private void FillFloat64(double[] frequencies)
    {
        var (cos, sin) = (new double[Cos_PH.NumElements], new double[Cos_PH.NumElements]);
        for (var i = 0; i < cos.Length; i++)
            (sin[i], cos[i]) = Math.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
        _engine.Upload<double>(Cos_PH, cos);
        _engine.Upload<double>(Sin_PH, sin);
    }

    private void FillFloat32(float[] frequencies)
    {
        var (cos, sin) = (new float[Cos_PH.NumElements], new float[Cos_PH.NumElements]);
        for (var i = 0; i < cos.Length; i++)
            (sin[i], cos[i]) = MathF.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
        _engine.Upload<float>(Cos_PH, cos);
        _engine.Upload<float>(Sin_PH, sin);
    }
}
