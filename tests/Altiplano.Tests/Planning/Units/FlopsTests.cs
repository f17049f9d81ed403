using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Units;

public sealed class FlopsTests
{
    [Theory]
    [InlineData(289.7e9, "290 GFLOP/s")]
    [InlineData(1.234e12, "1.23 TFLOP/s")]
    [InlineData(999.6e9, "1.00 TFLOP/s")]
    [InlineData(45.67e6, "45.7 MFLOP/s")]
    [InlineData(0, "0.00 FLOP/s")]
    public void ToString_Rate_HasThreeDigitsAndAPrefix(double value, string expected) =>
        new FlopsPerSecond(value).ToString().ShouldBe(expected);

    [Fact]
    public void Division_WorkByTime_IsTheRate() =>
        (new Flops(3e12) / TimeSpan.FromSeconds(1.5)).ShouldBe(new FlopsPerSecond(2e12));

    [Fact]
    public void Division_RateByPeak_IsTheShare() => (new FlopsPerSecond(1e12) / new FlopsPerSecond(4e12)).ShouldBe(0.25);
}
