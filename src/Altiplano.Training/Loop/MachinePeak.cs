using System.Diagnostics;
using Altiplano.Planning.Units;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Loop;

/// <summary>The rate of a large matrix product on this machine now: what MFU is a share of.</summary>
public static class MachinePeak
{
    private const int Size = 1024;
    /// <summary>Enough for the just-in-time compiler to have optimised the product's managed part.</summary>
    private const int Repetitions = 64;

    /// <summary>Best of some products of 1024 × 1024 matrices; takes about 0.4 s on two cores.</summary>
    public static FlopsPerSecond Measure(Engine engine, ScalarType type)
    {
        using var a = engine.Zeros(type, Size, Size);
        using var b = engine.Zeros(type, Size, Size);
        using var product = engine.Zeros(type, Size, Size);
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            engine.MatMul(product, a, b);
            var elapsed = Stopwatch.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        return new FlopsPerSecond(2.0 * Size * Size * Size / best.TotalSeconds);
    }
}
