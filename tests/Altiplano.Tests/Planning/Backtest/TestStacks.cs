using System.Runtime.CompilerServices;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Backtest;

/// <summary>Coefficients of nobody's stack.</summary>
internal static class TestStacks
{
    /// <summary>Every coefficient in the middle of its range, however many there are.</summary>
    public static StackCoefficients Middle { get; } = new()
    {
        Name = "middle",
        RelativeSigma = 0.05,
        Memory = new MemoryCoefficients { Framework = new Bytes(3L * Bytes.PerGib), Fragmentation = 0.05 },
        Time = FittedCoefficient.All.Aggregate(
            (TimeCoefficients)RuntimeHelpers.GetUninitializedObject(typeof(TimeCoefficients)), (time, c) => c.With(time, Math.Sqrt(c.Low * c.High))),
    };
}
