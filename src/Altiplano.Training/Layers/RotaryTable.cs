using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Cosines and sines of position × frequency, [P, H/2] each.</summary>
/// <remarks>In fp64 for fp64 runs; otherwise frequencies, angles and tables are fp32, as in the reference implementations.</remarks>
public sealed class RotaryTable : IDisposable
{
    public RotaryTable(Engine engine, LlamaArchitecture architecture, ScalarType activationType, int numPositions)
    {
        var type = activationType.Accumulator();
        var frequencies = architecture.RotaryFrequencies();
        Cos_PH = engine.Empty(type, numPositions, frequencies.Length);
        Sin_PH = engine.Empty(type, numPositions, frequencies.Length);
        NumPositions = numPositions;
        if (type == ScalarType.Float64)
            FillFloat64(engine, frequencies);
        else
            FillFloat32(engine, [.. frequencies.Select(f => (float)f)]);
    }

    public int NumPositions { get; }
    public Tensor Cos_PH { get; }
    public Tensor Sin_PH { get; }

    public void Dispose()
    {
        Cos_PH.Dispose();
        Sin_PH.Dispose();
    }

    private void FillFloat64(Engine engine, double[] frequencies)
    {
        var (cos, sin) = (new double[Cos_PH.NumElements], new double[Cos_PH.NumElements]);
        for (var i = 0; i < cos.Length; i++)
            (sin[i], cos[i]) = Math.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
        engine.Upload<double>(Cos_PH, cos);
        engine.Upload<double>(Sin_PH, sin);
    }

    private void FillFloat32(Engine engine, float[] frequencies)
    {
        var (cos, sin) = (new float[Cos_PH.NumElements], new float[Cos_PH.NumElements]);
        for (var i = 0; i < cos.Length; i++)
            (sin[i], cos[i]) = MathF.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
        engine.Upload<float>(Cos_PH, cos);
        engine.Upload<float>(Sin_PH, sin);
    }
}
