using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using CsCheck;

namespace Altiplano.Tests.Planning.Architecture;

public sealed class RoutingAssumptionTests
{
    [Fact]
    public void CountsOf_Balanced_DiffersByOneAtMost() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[1, 128]).Sample((visits, experts) =>
        {
            var counts = RoutingAssumption.Balanced.CountsOf(visits, experts);
            counts.Length.ShouldBe(experts);
            counts.Sum().ShouldBe(visits);
            (counts.Max() - counts.Min()).ShouldBeLessThanOrEqualTo(1);
        });

    [Fact]
    public void CountsOf_MeasuredLoad_FollowsIt()
    {
        var assumption = RoutingAssumption.Measured([30, 0, 10, 60]);

        assumption.CountsOf(1000, 4).ShouldBe([300, 0, 100, 600]);
        assumption.CountsOf(7, 4).Sum().ShouldBe(7);
        assumption.ShouldBe(RoutingAssumption.Measured([3, 0, 1, 6]));
    }

    [Fact]
    public void CountsOf_LoadOfAnotherModel_IsRefused() => Should.Throw<ConfigException>(
        () => RoutingAssumption.Measured([1, 1]).CountsOf(10, 4)).Problems.ShouldBe(
        ["The measured load is of 2 experts, but the model has 4. Measure it on this model, or assume balance."]);

    [Fact]
    public void Measured_NoLoad_IsRefused() => Should.Throw<ConfigException>(() => RoutingAssumption.Measured([0, -1])).Problems.ShouldBe(
        ["The measured load of experts is 0, -1, but none is below 0, and one or more above."]);
}
