using Altiplano.Planning.Machines;

namespace Altiplano.Tests.Planning.Machines;

public sealed class CostFitTests
{
    /// <summary>20 µs a call, 2 ms a GFLOP, 30 ms a GB.</summary>
    private static double Exact(double flops, double bytes) => 20e-6 + flops * 2e-12 + bytes * 30e-12;

    [Fact]
    public void Operator_OfExactSamples_FindsTheCosts()
    {
        var samples = from flops in new[] { 1e7, 1e8, 1e9, 1e10 } from bytes in new[] { 1e5, 1e6, 1e8 } select new CostSample(flops, bytes, Exact(flops, bytes), 0.1);

        var cost = CostFit.Operator("mm", [.. samples]);

        cost.PerCall.ShouldBe(20, 0.01);
        cost.PerGflop.ShouldBe(2, 0.001);
        cost.PerGb.ShouldBe(30, 0.05);
    }

    /// <summary>Time that falls with bytes would make large calls free: the best cost that is not below 0 is none.</summary>
    [Fact]
    public void Operator_OfAFallingTime_HasNoNegativeCost()
    {
        var cost = CostFit.Operator("swiglu", [new CostSample(0, 1e6, 3e-4, 1), new CostSample(0, 2e6, 2e-4, 1), new CostSample(0, 3e6, 1e-4, 1)]);

        cost.PerGb.ShouldBe(0);
        cost.PerCall.ShouldBeInRange(100, 300);
    }

    [Fact]
    public void Operator_Elementwise_IsToldByItsBytesAlone() =>
        CostFit.Operator("rms_norm", [new CostSample(4e6, 1e6, 1e-4, 1), new CostSample(8e6, 2e6, 2e-4, 1)]).PerGflop.ShouldBe(0);

    /// <summary>Of two calls that no line holds, the one that makes the step is met the better.</summary>
    [Fact]
    public void Operator_WeighsACallByItsShareOfTheStep()
    {
        CostSample heavy = new(0, 1e6, 1e-3, 0.9), light = new(0, 1e6, 2e-3, 0.01);

        CostFit.Operator("rotate", [heavy, light]).Seconds(1, 0, 1e6).ShouldBe(1e-3, 0.02e-3);
    }

    [Fact]
    public void Operator_TimeBelowTheClocksTick_IsANumber() => CostFit.Operator("upload", [new CostSample(0, 8, 0, 0.1)]).PerCall.ShouldBeInRange(0, 0.01);

    [Fact]
    public void Line_OfPoints_HasTheirConstantAndSlope()
    {
        var (constant, slope) = CostFit.Line([(1, 5), (2, 7), (4, 11)]);

        constant.ShouldBe(3, 1e-6);
        slope.ShouldBe(2, 1e-6);
    }
}
