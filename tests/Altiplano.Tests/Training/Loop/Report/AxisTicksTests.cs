using Altiplano.Training.Loop.Report;
using CsCheck;

namespace Altiplano.Tests.Training.Loop.Report;

public sealed class AxisTicksTests
{
    [Theory]
    [InlineData(1, 1200, 6, "250 500 750 1000")]
    [InlineData(0, 1, 5, "0 0.25 0.50 0.75 1.00")]
    [InlineData(2.1, 8.3, 4, "2.5 5.0 7.5")]
    [InlineData(0, 0.001, 3, "0 0.0005 0.0010")]
    [InlineData(0, 20_000, 5, "0 5000 10k 15k 20k")]
    [InlineData(0, 4e6, 5, "0 1M 2M 3M 4M")]
    [InlineData(0, 3e-5, 4, "0 1e-5 2e-5 3e-5")]
    public void Within_Range_IsRoundNumbers(double min, double max, int atMost, string expected)
    {
        var ticks = AxisTicks.Within(min, max, atMost);

        string.Join(' ', ticks.Values.Select(ticks.Show)).ShouldBe(expected);
    }

    [Fact]
    public void Within_FewSteps_StaysWhole() => AxisTicks.Within(1, 3, 8, leastStep: 1).Values.ShouldBe([1, 2, 3]);

    [Fact]
    public void Within_AnyRange_HasFewTicksInsideIt() =>
        Gen.Select(Gen.Double[-1e6, 1e6], Gen.Double[1e-6, 1e6], Gen.Int[2, 12]).Sample(
            (min, length, atMost) =>
            {
                var ticks = AxisTicks.Within(min, min + length, atMost);
                var slack = ticks.Step * 1e-6;
                return ticks.Values.Count <= atMost && ticks.Values.All(v => v >= min - slack && v <= min + length + slack);
            },
            seed: "0000KOIKhKZ3");
}
