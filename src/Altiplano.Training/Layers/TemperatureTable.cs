using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>The factor on queries by position, [P] in the accumulator type.</summary>
public sealed class TemperatureTable : IDisposable
{
    private readonly AttentionTemperature _temperature;

    public TemperatureTable(Engine engine, AttentionTemperature temperature, ScalarType type, long numPositions)
    {
        _temperature = temperature;
        Factors_P = Fill(engine, type, numPositions);
    }

    public Tensor Factors_P { get; private set; }

    /// <summary>Replaces the table by one of so many positions.</summary>
    public void Grow(long numPositions)
    {
        var (engine, type) = (Factors_P.Engine, Factors_P.Type);
        Factors_P.Dispose();
        Factors_P = Fill(engine, type, numPositions);
    }

    public void Dispose() => Factors_P.Dispose();

    private Tensor Fill(Engine engine, ScalarType type, long numPositions)
    {
        double[] factors = [.. Enumerable.Range(0, (int)numPositions).Select(position => _temperature.At(position))];
        return type == ScalarType.Float64
            ? engine.Upload<double>(type, factors, numPositions)
            : engine.Upload<float>(type, [.. factors.Select(factor => (float)factor)], numPositions);
    }
}
