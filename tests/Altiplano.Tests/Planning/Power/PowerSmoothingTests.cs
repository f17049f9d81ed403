using Altiplano.Planning;
using Altiplano.Planning.Power;

namespace Altiplano.Tests.Planning.Power;

public sealed class PowerSmoothingTests
{
    private static PowerSmoothing Smooth(int gpus, double dataParallel, SmoothingPrices? prices = null)
    {
        var cluster = H100Clusters.Of(gpus);
        return PowerSmoothing.Of(
            cluster, new PowerModel(cluster, Precision.Bf16), new PowerCoefficients(), prices ?? new SmoothingPrices(),
            H100Clusters.Step(400e12, 0.8, dataParallel), gpus);
    }

    /// <summary>Llama 3 §3.3.4: tens of thousands of GPUs that change together swing the draw by tens of MW.</summary>
    [Fact]
    public void StopSwing_Llama3Cluster_IsTensOfMegawatts() => Smooth(24_576, 0.05).StopSwing.ShouldBeInRange(10e6, 30e6);

    [Fact]
    public void Swings_ByCause_GrowFromStepToStop()
    {
        var smoothing = Smooth(100_352, 0.05);

        smoothing.StepSwing.ShouldBeLessThan(smoothing.CheckpointSwing);
        smoothing.CheckpointSwing.ShouldBeLessThan(smoothing.StopSwing);
        smoothing.Ramp.ShouldBe(smoothing.StepSwing / 0.1, 1);
    }

    [Fact]
    public void Floor_NoCommonWait_BurnsNothing()
    {
        var smoothing = Smooth(100_352, 0);

        smoothing.CommonWait.ShouldBe(0);
        smoothing.FloorKwhPerYear.ShouldBe(0);
    }

    [Fact]
    public void Floor_LongerWait_CostsInProportion()
    {
        var (one, two) = (Smooth(100_352, 0.05), Smooth(100_352, 0.1));

        (two.FloorKwhPerYear / one.FloorKwhPerYear).ShouldBe(2, 1e-6);
        (one.FloorDollarsPerYear / one.FloorKwhPerYear).ShouldBe(0.078, 1e-9);
    }

    [Fact]
    public void Buffer_GridThatAcceptsSteps_StillCoversStops()
    {
        var smoothing = Smooth(100_352, 0.05, new SmoothingPrices { AllowedSwing = 1 });

        smoothing.FloorKwhPerYear.ShouldBe(0);
        smoothing.BufferPower.ShouldBe(smoothing.StopSwing);
        smoothing.BufferKwh.ShouldBe(smoothing.StopSwing / 1000 * 30 / 3600, 1e-6);
    }
}
