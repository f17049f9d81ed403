using Altiplano.Planning.Simulation;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class DistributionTests
{
    [Fact]
    public void Of_ElevenValues_HasTheirPercentiles()
    {
        var spread = Distribution.Of(Enumerable.Range(0, 11).Select(i => (double)(i * 7 % 11)));

        (spread.Mean, spread.P10, spread.P50, spread.P90).ShouldBe((5.0, 1.0, 5.0, 9.0));
        spread.StandardError.ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Of_OneValue_IsThatValue() => Distribution.Of([3]).ShouldBe(new Distribution(3, 3, 3, 3, 0));
}
