using Altiplano.Planning;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Power;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Power;

public sealed class GpuPowerModelTests
{
    private static readonly PowerCoefficients Coefficients = new();

    private static GpuPowerModel Model(Precision precision) => new(H100Clusters.Of(512), precision, Coefficients);

    [Theory]
    [InlineData(Precision.Bf16, 794.5e12)]
    [InlineData(Precision.Fp8, 1402.6e12)]
    public void Busy_BestMeasuredProduct_StandsAtTheLimit(Precision precision, double rate)
    {
        var cost = new StepCost(new StepTime { Matrices = 1 }, default, 0, rate, 0, 0, 0);

        Model(precision).Evaluate(cost).Busy.ShouldBe(700, 1);
    }

    [Fact]
    public void Busy_MoreThanTheLimitAllows_IsTheLimit() =>
        Model(Precision.Bf16).Evaluate(H100Clusters.Step(2000e12, 1)).Busy.ShouldBe(700);

    [Fact]
    public void Mean_HalfOfTheStepWaiting_IsHalfway()
    {
        var power = Model(Precision.Bf16).Evaluate(H100Clusters.Step(300e12, 0.5));

        power.Mean.ShouldBe((power.Busy + power.Waiting) / 2, 1e-9);
        power.BusyShare.ShouldBe(0.5, 1e-9);
    }

    [Fact]
    public void Waiting_WithoutTraffic_IsFarBelowBusy()
    {
        var power = Model(Precision.Bf16).Evaluate(H100Clusters.Step(400e12, 0.8));

        (power.Waiting / 700).ShouldBeInRange(0.2, 0.4);
        (power.Busy / 700).ShouldBeInRange(0.85, 1);
    }

    [Fact]
    public void Launch_HostIsSlow_CountsAsWaiting()
    {
        var model = Model(Precision.Bf16);
        var launching = new StepCost(new StepTime { Matrices = 0.6, Launch = 0.4 }, default, 0, 300e12, 0, 0, 0);
        var bubbling = launching with { Time = new StepTime { Matrices = 0.6, Bubble = 0.4 } };

        model.Evaluate(launching).ShouldBe(model.Evaluate(bubbling));
    }

    [Fact]
    public void Evaluate_EmptyStep_IsIdle() => Model(Precision.Bf16).Evaluate(default).Mean.ShouldBe(75);

    /// <summary>torchtitan's H100s: 500 W of 700, so the clock under load is about nine tenths.</summary>
    [Fact]
    public void SustainedRate_CappedPart_FollowsTheClock()
    {
        var gpu = H100Clusters.Gpu with { PowerLimit = new Watts(500), RatedPower = new Watts(700) };
        var capped = H100Clusters.Of(512, H100Clusters.Server with { Gpu = gpu });

        var model = new GpuPowerModel(capped, Precision.Bf16, Coefficients);

        (model.SustainedFlops / Model(Precision.Bf16).SustainedFlops).ShouldBe(Math.Pow(5.0 / 7, 1.0 / 3), 1e-9);
        model.Evaluate(H100Clusters.Step(710e12, 1)).Busy.ShouldBe(500, 1);
    }
}
